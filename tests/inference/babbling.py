"""Constrained answers of a model that says anything."""

import json
import re
from typing import Any

import jsonschema
import numpy as np
import numpy.typing as npt
import pytest

from inference.engine.grammar import Grammars
from inference.engine.lark import GrammarError
from inference.engine.llama import LlamaVocabulary
from inference.engine.rules import Rules
from inference.engine.sampling import choose
from inference.engine.sequence import End, Sampling, Sequence

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"enum": ["red", "green", "blue"]}, "minItems": 2},
        "nickname": {"anyOf": [{"type": "string", "minLength": 3}, {"type": "null"}]},
    },
    "required": ["name", "age", "tags"],
    "additionalProperties": False,
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "any value": {},
    "any object": {"type": "object"},
    "a person": PERSON,
    "people": {"type": "array", "items": PERSON, "minItems": 2},
    "a number": {"type": "number"},
    "a word": {"enum": ["a very long answer indeed", "short", "no"]},
    "formats": {
        "type": "object",
        "properties": {
            "day": {"type": "string", "format": "date"},
            "mail": {"type": "string", "format": "email"},
            "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
            "part": {"type": "number", "minimum": 0.5, "exclusiveMaximum": 1},
            "free": {"type": "string", "pattern": '^[^"\\\\]*$'},
        },
        "required": ["day", "mail", "code", "part", "free"],
        "additionalProperties": False,
    },
    "a tree": {
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "value": {"type": "integer"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                    "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                },
                "required": ["value", "next"],
                "additionalProperties": False,
            }
        },
        "$ref": "#/$defs/node",
    },
    "one of two": {
        "oneOf": [
            {
                "type": "object",
                "properties": {"type": {"const": "cat"}, "lives": {"type": "integer"}},
                "required": ["type", "lives"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {"type": {"const": "dog"}, "name": {"type": "string"}},
                "required": ["type"],
                "additionalProperties": False,
            },
        ]
    },
    "many properties": {
        "type": "object",
        "properties": {f"property {number}": {"type": "boolean"} for number in range(9)},
        "required": [f"property {number}" for number in range(0, 9, 2)],
    },
}
SPARE = (0, 1, 2, 5, 20)
"""Tokens more than the shortest answer has."""
SEEDS = range(3)
Logits = npt.NDArray[np.float32]


def json_of(schema: dict[str, Any]) -> Rules:
    return Rules("json_schema", json.dumps(schema))


def least(grammars: Grammars, rules: Rules) -> int:
    """Tokens of the shortest answer."""
    with pytest.raises(GrammarError, match="max_tokens is too small") as refusal:
        grammars.constraint(rules, [], 0)
    return int(re.findall(r"has (\d+)", str(refusal.value))[0])


class Babbler:
    """A model that says anything. Of some tokens it is fond, which never end anything."""

    def __init__(self, vocabulary: LlamaVocabulary, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._fondness = self._random.normal(0, 3, vocabulary.size).astype(np.float32)
        for token in range(vocabulary.size):
            if set(vocabulary.piece(token)) & set(b'"}],'):
                self._fondness[token] -= 4
        self._vocabulary = vocabulary

    def say(self) -> Logits:
        return self._fondness + self._random.normal(0, 2, self._vocabulary.size).astype(np.float32)


def answer(
    grammars: Grammars,
    vocabulary: LlamaVocabulary,
    rules: Rules,
    max_tokens: int,
    seed: int = 0,
    **sampling: Any,
) -> tuple[str, End | None]:
    model = Babbler(vocabulary, seed)
    sequence = Sequence([1], max_tokens, Sampling(**{"seed": seed} | sampling))
    sequence.constraint = grammars.constraint(rules, [], max_tokens)
    while sequence.end is None:
        token, _ = choose(model.say(), sequence, vocabulary.ends)
        if token in vocabulary.ends:
            sequence.end = End.STOP
        else:
            sequence.append(token)
    return text_of(vocabulary, sequence.tokens[1:]), sequence.end


def text_of(vocabulary: LlamaVocabulary, tokens: list[int]) -> str:
    return b"".join(map(vocabulary.piece, tokens)).decode()


def assert_follows(text: str, schema: dict[str, Any]) -> None:
    jsonschema.validate(json.loads(text), schema)
