"""Thoughts at the beginning of an answer: told from what is said, however the pieces are cut."""

from typing import Any

import pytest

from accounts.models import User
from inference import lifecycle, queue
from inference.ask import Ask
from inference.engine.llama.template import ChatTemplate
from inference.engine.prompt import Prompt
from inference.engine.sequence import End
from inference.models import AIModel, Generation
from inference.token_log import TokenLog
from inference.token_log.logprobs import TokenLogprob
from inference.tools.thoughts import USUAL, Marks, Thoughts, opened
from inference.worker.parting import parting_of
from inference.worker.worker import Worker
from tests.inference import chat_templates as templates
from tests.inference.fakes import FakeVocabulary
from tests.inference.working import GatedBackend, ask

THINK = Marks("[THINK]", "[/THINK]")


def parted(text: str, size: int = 1000, inside: bool = False) -> tuple[str, str]:
    """What is said, and what is thought."""
    thoughts, raw = Thoughts((USUAL, THINK), USUAL if inside else None), text.encode()
    parts = [thoughts.feed(raw[at : at + size]) for at in range(0, len(raw), size)]
    said, thought = (b"".join(part) for part in zip(*parts, thoughts.finish(), strict=True))
    return said.decode(), thought.decode()


@pytest.mark.parametrize(
    ("text", "said", "thought"),
    [
        ("Hello <think>no</think>.", "Hello <think>no</think>.", ""),
        (" \n  <div>Hello", " \n  <div>Hello", ""),
        ("<think>\nHm, é.\n\nSo.\n</think>\n\nHello", "Hello", "Hm, é.\n\nSo."),
        ("\n<think>a < b </thin </think>Hi </think>", "Hi </think>", "a < b </thin"),
        ("[THINK]Hm.[/THINK]Hello", "Hello", "Hm."),
        ("[THINK]</think>Hm.[/THINK]Hello", "Hello", "</think>Hm."),
        ("<think>\n\n</think>\n\nHello", "Hello", ""),
        ("<think>Cut off in a thou", "", "Cut off in a thou"),
        ("<think>Cut off at its end </thi", "", "Cut off at its end"),
        ("<think>Hm.</think>\n", "", "Hm."),
        ("<thi", "<thi", ""),
        ("  ", "  ", ""),
        ("", "", ""),
    ],
)
def test_thoughts_are_told_from_what_is_said(text: str, said: str, thought: str) -> None:
    for size in (1, 2, 3, 7, 1000):
        assert parted(text, size) == (said, thought), size


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_an_answer_may_begin_within_a_thought(size: int) -> None:
    assert parted("Hm.\n</think>\n\nHello", size, inside=True) == ("Hello", "Hm.")
    assert parted("Hm.", size, inside=True) == ("", "Hm.")


@pytest.mark.parametrize(
    ("source", "marks"),
    [
        (templates.THINKS, (USUAL,)),
        (templates.OPENS_THOUGHTS, (USUAL,)),
        (templates.THINKS_IN_PARTS, (THINK, USUAL)),
        (templates.THINKS_WITH_OWN_MARKS, (Marks("<seed:think>", "</seed:think>"), USUAL)),
        (templates.THINKS_BEFORE_CHANNELS, (USUAL,)),
        (templates.PLAIN, (USUAL,)),
        (templates.STRICT, (USUAL,)),
        (templates.MISTRAL, (USUAL,)),
    ],
)
def test_a_template_shows_its_marks(source: str, marks: tuple[Marks, ...]) -> None:
    assert ChatTemplate(source, start="<s>", end="</s>").thoughts == marks


def test_a_template_may_open_the_thought() -> None:
    def end(source: str) -> bytes:
        return ChatTemplate(source).render([{"role": "user", "content": "Hi"}]).encode()

    assert opened(end(templates.OPENS_THOUGHTS), (THINK, USUAL)) == USUAL
    assert opened(end(templates.THINKS), (THINK, USUAL)) is None


class Opening(FakeVocabulary):
    """Its template opens a thought."""

    def render(self, messages: list[dict[str, Any]], tools: Any = None) -> str:
        return super().render(messages, tools) + "<think>"


def thought_of(run: Generation) -> str:
    return "".join(event.thought for event in TokenLog.default().generated(run.pk))


def text_of(run: Generation) -> str:
    return TokenLog.default().text(run.pk)


def logprobs_of(run: Generation) -> list[TokenLogprob]:
    return [told for event in TokenLog.default().generated(run.pk) for told in event.logprobs]


def serve(run: Generation, worker: Worker) -> Generation:
    worker.serve(run.model)
    run.refresh_from_db()
    assert run.status == Generation.Status.DONE, run.error
    return run


runs = pytest.mark.django_db(transaction=True)


@runs
def test_a_run_keeps_its_thought_out_of_its_text(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.answer = "<think>Hm. Stop?</think>\n\nHello. Stop."

    run = serve(ask(alice, model, max_tokens=80, stop=["Stop"]), worker)

    assert (text_of(run), thought_of(run)) == ("Hello. ", "Hm. Stop?")
    seconds = [event.thinking_seconds for event in TokenLog.default().generated(run.pk)]
    assert len([span for span in seconds if span is not None]) == 1


@runs
def test_a_prompt_that_opens_a_thought_is_answered_within_it(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.vocabulary, backend.answer = Opening(), "<think>Hm.</think>Hello"

    run = serve(ask(alice, model, max_tokens=50), worker)

    assert (text_of(run), thought_of(run)) == ("Hello", "Hm.")


@runs
def test_a_text_is_no_thought(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.answer = "<think>Hm.</think>Hello"
    text = Ask(text="Say: ", kind=Generation.Kind.TEXT)

    run = lifecycle.submit(alice, model, text, {"max_tokens": 50}, Generation.Source.API)
    serve(run, worker)

    assert text_of(run).endswith(">Hm.</think>Hello")


@runs
@pytest.mark.parametrize("vocabulary", [FakeVocabulary, Opening])
def test_an_answer_that_has_to_follow_a_form_has_no_thought(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend, vocabulary: Any
) -> None:
    backend.vocabulary = vocabulary()
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}

    run = ask(alice, model, max_tokens=60, json_schema=schema)
    worker.serve(model)

    assert thought_of(run) == ""


@runs
def test_places_of_tokens_are_those_in_what_is_said(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    def places(answer: str) -> list[tuple[int, str]]:
        backend.answer = answer
        run = serve(ask(alice, model, max_tokens=60, logprobs=True, temperature=0), worker)
        return [(told.place, told.chosen.piece.decode()) for told in logprobs_of(run)]

    assert places("<think>Hm.</think>\n\nHi!") == [(0, "H"), (1, "i"), (2, "!")]
    assert places("\n<tt") == [(0, "\n"), (1, "<"), (2, "t"), (3, "t")]
    assert places(" <") == [(0, " "), (1, "<")]


@runs
@pytest.mark.parametrize("begun", ["<think>H", "<think>Hm.</thi", "<think>Hm.</think>\nHel"])
def test_an_answer_goes_on_within_or_after_its_thought(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend, begun: str
) -> None:
    backend.answer = whole = "<think>Hm.</think>\nHello"
    asked = Ask([{"role": "user", "content": "hi"}], begun=list(begun.encode()))

    run = lifecycle.submit(alice, model, asked, {"max_tokens": 50}, Generation.Source.API)
    serve(run, worker)

    said, thought = parted(begun)
    assert (said + text_of(run), thought + thought_of(run)) == ("Hello", "Hm.")
    assert run.completion_tokens == len(whole) - len(begun)


@runs
def test_a_text_that_an_answer_begins_with_is_said(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.vocabulary = Opening()
    backend.answer = "<think></think>\n\nHello"
    asked = Ask([{"role": "user", "content": "hi"}], begun="Hel")

    run = lifecycle.submit(alice, model, asked, {"max_tokens": 50}, Generation.Source.API)
    serve(run, worker)

    assert (text_of(run), thought_of(run)) == ("lo", "")


@runs
@pytest.mark.parametrize("cut", [3, 12, 20, 26, 30])
def test_another_worker_goes_on_wherever_the_first_was_lost(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend, cut: int
) -> None:
    backend.answer = "<think>Hm. So.</think>\n\nHello there."
    run = ask(alice, model, max_tokens=60)
    former = Worker("w0").runner(model)
    assert former
    claimed = queue.claim(model.pk, "w0")
    assert claimed
    for _ in range(10_000):
        backend.gate.acquire(blocking=False)
    work = former.start(claimed)
    while len(TokenLog.default().tokens(run.pk)) < cut:
        backend.gate.release()
    former.end(work, End.HANDOVER)
    backend.gate.release(10_000)
    work.over.wait(10)
    former.close()
    queue.give_back(claimed.pk, claimed.attempt)

    serve(run, worker)

    assert (text_of(run), thought_of(run)) == ("Hello there.", "Hm. So.")


def test_a_look_into_an_answer_takes_nothing_apart() -> None:
    look = Generation(source=Generation.Source.INSPECT)
    vocabulary = FakeVocabulary()
    prompt = Prompt([1], 10)

    assert parting_of(look, vocabulary, prompt, vocabulary.piece) is None
    assert parting_of(Generation(), vocabulary, prompt, vocabulary.piece)
