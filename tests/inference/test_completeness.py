"""A constrained answer is complete whatever a model says, and however few tokens it has."""

import json
import re
from typing import Any

import pytest

from inference.engine.grammar import Grammars
from inference.engine.json_schema import embedded
from inference.engine.llama import LlamaVocabulary
from inference.engine.rules import Rules
from inference.engine.sampling import choose
from inference.engine.sequence import End, Sampling, Sequence
from tests.inference.babbling import (
    PERSON,
    SCHEMAS,
    SEEDS,
    SPARE,
    Babbler,
    answer,
    assert_follows,
    json_of,
    least,
    text_of,
)


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
