"""Rules for models that think, call and answer in channels."""

import pytest

from inference.engine.grammar import Constraint
from inference.tools import channels
from inference.tools.rules import rules_of_answer
from tests.inference.call_checks import (
    CONTROL,
    END,
    ROME,
    Tokens,
    constraint,
    follows,
    function,
    grammars,
    is_answer,
    tokens,
)

THOUGHT = f"{channels.ANALYSIS}Hm, a\ncall.{channels.NEXT}"


def test_thoughts_may_come_before_a_call() -> None:
    call = channels.FORMAT.written([("weather", ROME)])

    assert is_answer(constraint(channels.FORMAT, "required"), THOUGHT + call)
    assert not follows(constraint(channels.FORMAT, "required"), THOUGHT + THOUGHT)
    assert not follows(constraint(channels.FORMAT, "required"), channels.FINAL)


def test_thoughts_end_before_the_tokens_run_out() -> None:
    vocabulary = Tokens()
    words = {token: word for word, token in vocabulary.control.items()}
    call = channels.FORMAT.written([("weather", ROME)])
    shortest = len(tokens(channels.FORMAT.written([("weather", '{"city":""}')])))
    begun = tokens(f"{channels.ANALYSIS}Hm.")
    most = len(begun) + len(tokens(channels.NEXT)) + shortest + 3
    held = constraint(channels.FORMAT, "required", functions=[function("weather")], max_tokens=most)

    for token in begun:
        assert held.allows(token)
        held.accept(token)
    more = 0
    while held.allows(ord("x")):
        held.accept(ord("x"))
        more += 1
    assert 3 <= more <= 5  # as some tokens are longer than a letter
    said = ""
    while not held.allows(END):
        token = held.way_out
        assert token is not None
        assert held.allows(token)
        held.accept(token)
        said += vocabulary.piece(token).decode() or words[token]
    assert said == channels.NEXT + call.replace(ROME, '{"city":""}')


@pytest.mark.parametrize(
    "head",
    [
        "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>",
        " to=functions.weather<|channel|>commentary json<|message|>",
        f"{THOUGHT} to=functions.weather<|channel|>commentary <|constrain|>json<|message|>",
        f"{THOUGHT}<|channel|>commentary<|message|>So.{channels.NEXT}"
        "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>",
    ],
)
def test_who_may_choose_calls_in_whichever_form_of_a_header(head: str) -> None:
    assert is_answer(constraint(channels.FORMAT, "auto"), head + ROME)
    assert not follows(constraint(channels.FORMAT, "auto"), head + '{"town"')


def test_who_may_choose_thinks_and_answers() -> None:
    assert is_answer(constraint(channels.FORMAT, "auto"), f"{THOUGHT}{channels.FINAL}Hello.")


def test_an_answer_in_channels_follows_a_schema_after_its_thoughts() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}

    def held() -> Constraint:
        return grammars.constraint(rules_of_answer(channels.FORMAT, schema, CONTROL), [])

    assert is_answer(held(), channels.FINAL + '{"a": 1}')
    assert is_answer(held(), THOUGHT + channels.FINAL + '{"a": 1}')
    assert not follows(held(), '{"a"')
    assert not follows(held(), channels.FINAL + '{"b"')
    beside_calls = constraint(channels.FORMAT, "auto", answer=schema)
    assert is_answer(beside_calls, THOUGHT + channels.FINAL + '{"a": 1}')
    beside_calls = constraint(channels.FORMAT, "auto", answer=schema)
    assert is_answer(beside_calls, THOUGHT + channels.FORMAT.written([("weather", ROME)]))
