"""Log-probabilities: of each token that is shown, with the text that its own begins in."""

from typing import Any

import pytest

from inference.api.openai import answers
from inference.engine.engine import Output
from inference.engine.prompt import Prompt
from inference.engine.sequence import End, Likelihood
from inference.models import Generation
from inference.token_log import Tokens
from inference.worker.run import Run
from tests.api.asking import ask, chunks
from tests.api.conftest import Answering


def a_run(pieces: list[bytes], stop: str = "", earlier: int = 0) -> Run:
    """Of a model whose token number n is piece number n."""
    parameters: dict[str, Any] = {"logprobs": True, "stop": [stop] if stop else []}
    generation = Generation(user_id=1, attempt=1, parameters=parameters)
    former = [Tokens("1-1", tuple(range(earlier)), "")]
    return Run.begin(generation, Prompt([1], 1000), former, pieces.__getitem__)


def generate(run: Run, tokens: range, at_once: int = 1, end: End | None = End.STOP) -> list[Tokens]:
    """What is logged of them."""
    events: list[Tokens | None] = []
    for token in tokens:
        run.take(Output(run.sequence, token, likelihood=Likelihood(-float(token))))
        if (token + 1) % at_once == 0:
            events.append(run.event())
    run.take(Output(run.sequence, end=end))
    return [event for event in [*events, run.event()] if event]


def shown(events: list[Tokens]) -> list[tuple[str, list[bytes]]]:
    """The text of each chunk, and the tokens that are told with it."""
    waiting = answers.ShownTokens()
    told = [(event.text, waiting.take(event)) for event in events]
    return [(text, [bytes(token["bytes"]) for token in due]) for text, due in told if text or due]


def answer(*pieces: bytes, stop: str = "", at_once: int = 1) -> list[tuple[str, list[bytes]]]:
    return shown(generate(a_run([*pieces], stop), range(len(pieces)), at_once))


def test_a_token_is_told_with_its_text() -> None:
    assert answer(b"Hel", b"lo", b" you") == [
        ("Hel", [b"Hel"]),
        ("lo", [b"lo"]),
        (" you", [b" you"]),
    ]


def test_several_tokens_of_one_step_are_told_together() -> None:
    assert answer(b"a", b"b", b"c", at_once=2) == [("ab", [b"a", b"b"]), ("c", [b"c"])]


def test_the_tokens_of_a_split_character_are_told_with_it() -> None:
    assert answer(b"a\xc3", b"\xa9", b"\xe2", b"\x82", b"\xacz") == [
        ("a", [b"a\xc3"]),
        ("é", [b"\xa9"]),
        ("€z", [b"\xe2", b"\x82", b"\xacz"]),
    ]


def test_bytes_that_never_become_a_character_are_told_at_the_end() -> None:
    assert answer(b"a", b"\xe2", b"\x82") == [("a", [b"a"]), ("\ufffd", [b"\xe2", b"\x82"])]


def test_what_is_held_back_is_told_when_it_is_shown() -> None:
    assert answer(b"a", b"ST", b"OR", b"M", stop="STOP") == [
        ("a", [b"a"]),
        ("STOR", [b"ST", b"OR"]),
        ("M", [b"M"]),
    ]


def test_the_tokens_of_a_stop_string_are_not_told() -> None:
    assert answer(b"a", b"ST", b"OP", stop="STOP") == [("a", [b"a"])]


def test_a_token_that_begins_before_a_stop_string_is_told() -> None:
    assert answer(b"a", b"b S", b"TOP c", stop="STOP") == [("a", [b"a"]), ("b ", [b"b S"])]


def test_a_token_without_text_is_told_with_the_next() -> None:
    assert answer(b"a", b"", b"b") == [("a", [b"a"]), ("b", [b"", b"b"])]


@pytest.mark.parametrize("end", [End.STOP, End.LENGTH, End.CANCELLED, End.DEADLINE])
def test_however_it_ends_all_that_is_shown_is_told(end: End) -> None:
    events = generate(a_run([b"a", b"ST"], "STOP"), range(2), end=end)

    assert shown(events) == [("a", [b"a"]), ("ST", [b"ST"])]


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("stop", ["", "never", "😀.", "xyz", "the end"])
def test_nothing_is_lost_or_doubled(stop: str, size: int, at_once: int) -> None:
    raw = "Grüße, 😀! xyxyxz and the en or the end, äh".encode()
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    text = raw.decode()
    text = text.partition(stop)[0] if stop else text

    told = answer(*pieces, stop=stop, at_once=at_once)

    assert "".join(shown for shown, _ in told) == text
    count = -(-len(text.encode()) // size)
    assert [piece for _, tokens in told for piece in tokens] == pieces[:count]


@pytest.mark.parametrize("lost_after", range(7))
def test_a_run_that_another_worker_goes_on_with(lost_after: int) -> None:
    pieces = [b"a", b"S", b"T", b"O", b"X\xc3", b"\xa9", b"b"]
    before = generate(a_run(pieces, "STOP"), range(lost_after), end=End.HANDOVER)
    after = generate(a_run(pieces, "STOP", lost_after), range(lost_after, 7))

    told = shown(before + after)

    assert "".join(text for text, _ in told) == "aSTOXéb"
    assert [piece for _, tokens in told for piece in tokens] == pieces


def test_without_being_asked_for_none_are_logged() -> None:
    run = a_run([b"a"])
    run.take(Output(run.sequence, 0))

    assert run.event() == Tokens("1-1", (0,), "a")


LIKELY = [
    {
        "token": token,
        "logprob": logprob,
        "bytes": list(token.encode()),
        "top_logprobs": [
            {"token": token, "logprob": logprob, "bytes": list(token.encode())},
            {"token": "\ufffd", "logprob": -9999.0, "bytes": [255]},
        ],
    }
    for token, logprob in (("Hi", -0.1), (" you", -0.2))
]


@pytest.mark.django_db(transaction=True)
async def test_an_answer_with_logprobs(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", " you"):
        response = await ask(key, logprobs=True, top_logprobs=2)

    [choice] = response.json()["choices"]
    assert choice["logprobs"] == {"content": LIKELY, "refusal": None}


@pytest.mark.django_db(transaction=True)
async def test_a_stream_with_logprobs(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", " you"):
        found = await chunks(await ask(key, stream=True, logprobs=True, top_logprobs=2))

    assert [chunk["choices"][0]["logprobs"] for chunk in found] == [
        None,
        {"content": [LIKELY[0]], "refusal": None},
        {"content": [LIKELY[1]], "refusal": None},
        None,
    ]


@pytest.mark.django_db(transaction=True)
async def test_without_being_asked_for_none_are_told(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("Hi"):
        whole = (await ask(key)).json()["choices"]
        streamed = await chunks(await ask(key, stream=True))

    assert [choice["logprobs"] for choice in whole] == [None]
    assert {chunk["choices"][0]["logprobs"] for chunk in streamed} == {None}
