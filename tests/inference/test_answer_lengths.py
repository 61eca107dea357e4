"""How short a constrained answer can be, and how long it may be."""

import json
import re
from typing import Any

import numpy as np
import pytest

from inference.engine.grammar import Grammars
from inference.engine.lark import GrammarError
from inference.engine.llama import LlamaVocabulary
from inference.engine.sequence import End
from tests.inference.babbling import (
    PERSON,
    SCHEMAS,
    SEEDS,
    answer,
    json_of,
    least,
)


@pytest.mark.parametrize("name", SCHEMAS)
def test_too_few_tokens_for_any_answer_are_refused(grammars: Grammars, name: str) -> None:
    rules = json_of(SCHEMAS[name])
    shortest = least(grammars, rules)

    grammars.constraint(rules, [], shortest)
    with pytest.raises(GrammarError, match=f"may have {shortest - 1} tokens"):
        grammars.constraint(rules, [], shortest - 1)


@pytest.mark.parametrize(
    ("schema", "shortest"),
    [
        ({"type": "object"}, "{}"),
        (PERSON, '{"name":"","age":0,"tags":["red","red"]}'),
        ({"enum": ["a very long answer indeed", "short", "no"]}, '"no"'),
        ({"anyOf": [PERSON, {"type": "null"}]}, "null"),
        ({"type": "array", "items": {"type": "array"}, "minItems": 2}, "[[],[]]"),
    ],
)
def test_the_shortest_answer_is_known(
    grammars: Grammars, vocabulary: LlamaVocabulary, schema: dict[str, Any], shortest: str
) -> None:
    assert least(grammars, json_of(schema)) <= len(vocabulary.tokenize(shortest))


def test_an_answer_with_tokens_to_spare_is_not_cut_short(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    """The last quarter of the tokens may be needed for closing, the first half is free."""
    rules = json_of({"type": "array", "items": {"type": "string"}})
    for seed in SEEDS:
        constraint = grammars.constraint(rules, [], 200)
        for token in vocabulary.tokenize('["' + "so it goes on "):
            assert constraint.allows(token)
            constraint.accept(token)
        mask = constraint.mask()
        letters = [t for t in np.flatnonzero(mask) if vocabulary.piece(int(t)).isalpha()]
        assert all(constraint.allows(int(token)) for token in letters[seed :: len(SEEDS)])


def test_a_complete_answer_ends_at_once_and_in_order(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    rules = json_of({"const": "yes"})

    text, end = answer(grammars, vocabulary, rules, least(grammars, rules))

    assert (text, end) == ('"yes"', End.STOP)


def test_there_is_little_space_between_the_parts_of_json(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    space = [t for t in range(vocabulary.size) if vocabulary.piece(t).isspace()]
    bias = tuple((token, 100.0) for token in space)
    numbers = json_of({"type": "array", "items": {"type": "integer"}, "minItems": 3})

    text, _ = answer(grammars, vocabulary, numbers, 200, logit_bias=bias)

    assert len(json.loads(text)) >= 3
    assert not re.search(r"\n\s*\n|[ ]{21}", text)
