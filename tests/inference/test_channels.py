"""Answers in channels: what is said and what is only thought, however the pieces are cut."""

import pytest

from accounts.models import User
from inference.models import AIModel, Generation
from inference.token_log import TokenLog, Tokens
from inference.tools.channels import ANALYSIS, FINAL, FORMAT, NEXT, Channels
from inference.worker.worker import Worker
from tests.inference.working import GatedBackend, ask

CALL = FORMAT.written([("weather", '{"city": "Rome"}')])
PREAMBLE = "<|channel|>commentary<|message|>"


def parted(text: str, size: int = 1000) -> tuple[str, str]:
    """What is said, and what is thought."""
    channels, raw = Channels(), text.encode()
    parts = [channels.feed(raw[at : at + size]) for at in range(0, len(raw), size)]
    said, thought = (b"".join(part) for part in zip(*parts, channels.finish(), strict=True))
    return said.decode(), thought.decode()


@pytest.mark.parametrize(
    ("text", "said", "thought"),
    [
        (f"{FINAL}Hello.", "Hello.", ""),
        (f"{ANALYSIS}Hm, é <|.{NEXT}{FINAL}Hello <|world.", "Hello <|world.", "Hm, é <|."),
        (f"{ANALYSIS}One.{NEXT}{ANALYSIS}Two.{NEXT}{FINAL}Hi.", "Hi.", "One.\n\nTwo."),
        (f"{ANALYSIS}Cut off in a thou", "", "Cut off in a thou"),
        (f"{ANALYSIS}Hm.{NEXT}<|channel|>fin", "", "Hm."),
        (f"{ANALYSIS}Hm.{NEXT}{CALL}", CALL, "Hm."),
        (f"{PREAMBLE}Let me see.{NEXT}{CALL}", f"Let me see.\n\n{CALL}", ""),
        (
            ' to=functions.weather<|channel|>commentary json<|message|>{"city": "Rome"}',
            CALL,
            "",
        ),
        (f"{PREAMBLE[:21]} to=python<|message|>1 + 1{NEXT}{FINAL}2", "2", "1 + 1"),
        ('{"a": 1}', '{"a": 1}', ""),
        ("", "", ""),
    ],
)
def test_thoughts_are_told_from_what_is_said(text: str, said: str, thought: str) -> None:
    for size in (1, 2, 3, 7, 1000):
        assert parted(text, size) == (said, thought), size


def test_what_never_becomes_a_header_is_said() -> None:
    text = "<|channel|>" + 400 * "x"

    assert parted(text) == (text, "")


@pytest.mark.django_db(transaction=True)
def test_a_run_keeps_what_it_thinks_out_of_its_text(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.vocabulary.format = FORMAT
    backend.answer = f"{ANALYSIS}Hm.{NEXT}{FINAL}Hello."
    run = ask(alice, model, max_tokens=200)

    worker.serve(model)

    run.refresh_from_db()
    assert run.status == Generation.Status.DONE, run.error
    assert TokenLog.default().text(run.pk) == "Hello."
    events = [event for event in TokenLog.default().events(run.pk) if isinstance(event, Tokens)]
    assert "".join(event.thought for event in events) == "Hm."
    assert run.completion_tokens == len(backend.answer)


@pytest.mark.django_db(transaction=True)
def test_stop_strings_are_looked_for_in_what_is_said(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.vocabulary.format = FORMAT
    backend.vocabulary.context = 300
    backend.answer = f"{ANALYSIS}Stop here?{NEXT}{FINAL}No, go on. Stop now."
    run = ask(alice, model, max_tokens=200, stop=["Stop"])

    worker.serve(model)

    assert TokenLog.default().text(run.pk) == "No, go on. "
