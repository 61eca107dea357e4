"""A constrained answer is complete whatever a model says, and however few tokens it has."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import numpy as np
import numpy.typing as npt
import pytest
from django.conf import settings

from inference.engine.grammar import Grammars
from inference.engine.json_schema import embedded
from inference.engine.lark import GrammarError
from inference.engine.llama import LlamaVocabulary, load
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


@pytest.fixture(scope="module")
def vocabulary() -> Iterator[LlamaVocabulary]:
    backend = load(settings.DEMO_MODEL_DIR / "parley-demo.gguf", 512, 1, 1, lambda _: None)
    yield backend.vocabulary
    backend.close()


@pytest.fixture(scope="module")
def grammars(vocabulary: LlamaVocabulary) -> Grammars:
    return Grammars(vocabulary)


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


# However many tokens there are


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_answer_follows_its_schema_to_the_end(
    grammars: Grammars, vocabulary: LlamaVocabulary, name: str
) -> None:
    rules = json_of(SCHEMAS[name])
    shortest = least(grammars, rules)
    for spare in SPARE:
        for seed in SEEDS:
            text, _ = answer(grammars, vocabulary, rules, shortest + spare, seed)
            assert_follows(text, SCHEMAS[name])


def test_it_does_so_where_there_is_a_lot_to_be_written(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    word = {"type": "string", "minLength": 17, "maxLength": 28}
    words = {"type": "array", "items": word, "minItems": 3}
    pairs = {"type": "array", "items": words, "minItems": 2}
    schema: dict[str, Any] = {"type": "array", "items": pairs, "minItems": 3}
    rules = json_of(schema)
    shortest = least(grammars, rules)
    for seed, spare in ((1, 0), (5, 5), (7, 20)):
        text, _ = answer(grammars, vocabulary, rules, shortest + spare, seed)
        assert_follows(text, schema)


@pytest.mark.parametrize(
    "sampling",
    [
        {"temperature": 0},
        {"temperature": 3, "top_k": 0, "top_p": 1},
        {"top_k": 1},
        {"ignore_eos": True},
        {"repeat_penalty": 5.0, "frequency_penalty": 2.0},
    ],
)
def test_it_does_so_however_it_is_sampled(
    grammars: Grammars, vocabulary: LlamaVocabulary, sampling: dict[str, Any]
) -> None:
    rules = json_of(PERSON)
    shortest = least(grammars, rules)
    for spare in (0, 3, 20):
        text, _ = answer(grammars, vocabulary, rules, shortest + spare, **sampling)
        assert_follows(text, PERSON)


def test_a_bias_against_what_closes_a_text_does_not_keep_it_open(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    closing = [t for t in range(vocabulary.size) if set(vocabulary.piece(t)) & set(b'"]}')]
    bias = tuple((token, -100.0) for token in [*closing, *vocabulary.ends.tolist()])

    text, _ = answer(grammars, vocabulary, json_of(PERSON), 60, logit_bias=bias)

    assert_follows(text, PERSON)


def test_the_call_of_a_tool_is_complete(grammars: Grammars, vocabulary: LlamaVocabulary) -> None:
    rules = Rules(
        "lark",
        f'start: "<tool_call>\\n{{\\"name\\": \\"save\\", \\"arguments\\": " person end\n'
        f'person: {embedded(PERSON)}\nend: "}}\\n</tool_call>"\n',
    )
    shortest = least(grammars, rules)
    for spare in SPARE:
        text, end = answer(grammars, vocabulary, rules, shortest + spare, spare)
        call = re.fullmatch(r"<tool_call>\n(.*)\n</tool_call>", text, re.DOTALL)
        assert call
        assert_follows(json.dumps(json.loads(call[1])["arguments"]), PERSON)
        assert end == End.STOP


@pytest.mark.parametrize(
    ("grammar", "regex"),
    [
        ('root ::= "<" [a-z]+ ("," [a-z]+)* ">" ', r"<[a-z]+(,[a-z]+)*>"),
        ('root ::= ("yes" | "no") " because " [^\\n]+ "."', r"(yes|no) because [^\n]+\."),
        ('root ::= [0-9]{4} "-" [0-9]{2} (" at " [0-9]{2} ":" [0-9]{2})?', r"[\d-]{7}( at .{5})?"),
    ],
)
def test_a_text_in_llama_cpps_notation_is_complete(
    grammars: Grammars, vocabulary: LlamaVocabulary, grammar: str, regex: str
) -> None:
    rules = Rules("gbnf", grammar)
    shortest = least(grammars, rules)
    for spare in SPARE:
        text, _ = answer(grammars, vocabulary, rules, shortest + spare, spare)
        assert re.fullmatch(regex, text)


# Its length


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


# On the way


def test_a_run_that_goes_on_elsewhere_closes_where_it_would_have(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    rules = json_of(SCHEMAS["people"])
    most = least(grammars, rules) + 15
    for seed in SEEDS:
        model, elsewhere = Babbler(vocabulary, seed), 0
        sequence = Sequence([1], most, Sampling(seed=seed))
        sequence.constraint = grammars.constraint(rules, [], most)
        while sequence.end is None:
            if sequence.produced % 7 == 3 and elsewhere != sequence.produced:
                elsewhere = sequence.produced
                tokens = sequence.tokens[1:]
                sequence.constraint = grammars.constraint(rules, tokens, most)
            token, _ = choose(model.say(), sequence, vocabulary.ends)
            sequence.append(token)
        assert_follows(text_of(vocabulary, sequence.tokens[1:]), SCHEMAS["people"])


def test_there_is_little_space_between_the_parts_of_json(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    space = [t for t in range(vocabulary.size) if vocabulary.piece(t).isspace()]
    bias = tuple((token, 100.0) for token in space)
    numbers = json_of({"type": "array", "items": {"type": "integer"}, "minItems": 3})

    text, _ = answer(grammars, vocabulary, numbers, 200, logit_bias=bias)

    assert len(json.loads(text)) >= 3
    assert not re.search(r"\n\s*\n|[ ]{21}", text)


def test_an_answer_whose_time_is_over_is_closed(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    model = Babbler(vocabulary, 1)
    sequence = Sequence([1], 500, Sampling(seed=1))
    sequence.constraint = grammars.constraint(json_of(PERSON), [], 500)
    assert not sequence.hurry()  # nothing is written that would be worth closing
    while sequence.end is None:
        token, _ = choose(model.say(), sequence, vocabulary.ends)
        sequence.append(token)
        if sequence.produced == 10:
            assert sequence.hurry()
    assert sequence.produced < 60
    assert_follows(text_of(vocabulary, sequence.tokens[1:]), PERSON)
