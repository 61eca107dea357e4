"""Runs whose answer must follow a schema, in a worker and in the engine."""

import json
from typing import Any

import pytest

from accounts.models import User
from inference.engine.engine import Engine
from inference.engine.grammar import Grammars
from inference.engine.rules import Rules
from inference.engine.sequence import End, Sampling, Sequence
from inference.models import AIModel, Generation
from inference.token_log import TokenLog
from inference.worker.worker import Worker
from tests.inference.fakes import FakeBackend
from tests.inference.working import GatedBackend, ask

Status, Reason = Generation.Status, Generation.Reason
SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string"}, "number": {"type": "integer"}},
    "required": ["word", "number"],
    "additionalProperties": False,
}
SHORTEST = '{"word":"","number":0}'


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("spare", [0, 1, 4, 30])
def test_an_answer_follows_its_schema_within_its_tokens(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend, spare: int
) -> None:
    run = ask(alice, model, json_schema=SCHEMA, max_tokens=len(SHORTEST) + spare)

    worker.serve(model)

    run.refresh_from_db()
    assert json.loads(TokenLog.default().text(run.pk)).keys() == {"word", "number"}
    assert (run.status, run.reason) == (Status.DONE, Reason.STOP)


@pytest.mark.django_db(transaction=True)
def test_too_few_tokens_for_any_answer_fail_the_run_with_the_number_it_needs(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, json_schema=SCHEMA, max_tokens=len(SHORTEST) - 1)

    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.FAILED, Reason.TOO_FEW)
    assert "max_tokens is too small" in run.error
    assert str(len(SHORTEST)) in run.error


def constrained(backend: FakeBackend, schema: dict[str, Any], max_tokens: int) -> Sequence:
    rules = Rules("json_schema", json.dumps(schema))
    constraint = Grammars(backend.vocabulary).constraint(rules, [], max_tokens)
    return Sequence([ord(":")], max_tokens, Sampling(temperature=0), constraint=constraint)


def test_guesses_at_the_next_tokens_do_not_change_a_constrained_answer() -> None:
    """A lone answer that repeats itself is guessed ahead; of two together, none is."""
    steps = []
    schema = {"type": "array", "items": {"const": "so it goes"}, "minItems": 4, "maxItems": 4}
    answers = []
    for count in (1, 2):
        backend = FakeBackend(answer="?")
        engine = Engine(backend, lambda _: None)
        sequences = [constrained(backend, schema, 80) for _ in range(count)]
        for sequence in sequences:
            engine.submit(sequence)
        while any(sequence.end is None for sequence in sequences):
            engine.step()
        answers.append([bytes(sequence.tokens[1:]) for sequence in sequences])
        steps.append(engine.steps)

    assert json.loads(answers[0][0]) == ["so it goes"] * 4
    assert {*answers[0], *answers[1]} == {answers[0][0]}
    assert steps[0] < steps[1]


def test_an_answer_whose_time_is_over_is_completed_first() -> None:
    backend = FakeBackend(answer='["' + "never ending " * 20)
    engine = Engine(backend, lambda _: None)
    sequence = constrained(backend, {"type": "array", "items": {"type": "string"}}, 90)
    engine.submit(sequence)
    while len(sequence.tokens) < 20:
        engine.step()
    written = bytes(sequence.tokens[1:])

    engine.end(sequence, End.DEADLINE)
    while sequence.end is None:
        engine.step()

    assert sequence.end == End.STOP
    assert bytes(sequence.tokens[1:]) == written + b'"]'


def test_one_of_which_nothing_is_written_ends_at_once() -> None:
    backend = FakeBackend()
    engine = Engine(backend, lambda _: None)
    sequence = constrained(backend, SCHEMA, 90)
    engine.submit(sequence)

    engine.end(sequence, End.DEADLINE)
    engine.step()

    assert (sequence.end, sequence.tokens) == (End.DEADLINE, sequence.prompt)
