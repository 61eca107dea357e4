"""Grammars over the vocabulary of the demo model."""

import json
import re

import numpy as np
import pytest

from inference.engine.grammar import Constraint, Grammars
from inference.engine.lark import GrammarError
from inference.engine.llama import LlamaVocabulary
from inference.engine.rules import Rules, check

JSON_GRAMMAR = r"""
root   ::= object
value  ::= object | array | string | number | ("true" | "false" | "null") ws

object ::= "{" ws ( string ":" ws value ("," ws string ":" ws value)* )? "}" ws
array  ::= "[" ws ( value ("," ws value)* )? "]" ws
string ::= "\"" ( [^"\\\x00-\x1F\x7F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
number ::= "-"? ([0-9] | [1-9] [0-9]{0,15}) ("." [0-9]+)? ([eE] [-+]? [0-9]{1,2})? ws
ws     ::= | " " | "\n" [ \t]{0,20}   # as much as a person would write
"""

JSON = Rules("gbnf", JSON_GRAMMAR)
DOUBLING = "".join(f"r{n} ::= r{n + 1} r{n + 1}\n" for n in range(60)) + 'r60 ::= "a"'
MANY_WORDS = " | ".join(f'"a{number}"' for number in range(3_000))
CHAIN = "".join(f"r{number} ::= r{number + 1}\n" for number in range(2500)) + 'r2500 ::= "a"'


def gbnf(grammar: str) -> Rules:
    return Rules("gbnf", grammar)


def follows(grammars: Grammars, vocabulary: LlamaVocabulary, grammar: str, text: str) -> bool:
    """Whether `text` is one that `grammar` describes."""
    constraint = grammars.constraint(gbnf(grammar), [])
    for token in vocabulary.tokenize(text):
        if not constraint.allows(token):
            return False
        constraint.accept(token)
    return constraint.allows(int(vocabulary.ends[0]))


def walk(constraint: Constraint, vocabulary: LlamaVocabulary, seed: int) -> str | None:
    """A text that takes any way the grammar leaves open; None if it is still not at its end."""
    random = np.random.default_rng(seed)
    text = b""
    for _ in range(60):
        mask = constraint.mask()
        if (mask[vocabulary.ends[0]] and random.random() < 0.3) or not mask.any():
            return text.decode()
        token = int(random.choice(np.flatnonzero(mask)))
        if token in vocabulary.ends:
            return text.decode()
        constraint.accept(token)
        text += vocabulary.piece(token)
    return None


# Texts and grammars


@pytest.mark.parametrize(
    ("grammar", "yes", "no"),
    [
        ('root ::= "yes" | "no"', ["yes", "no"], ["", "ye", "yesno", "maybe"]),
        ("root ::= [a-c]+ [^a-c] .", ["abcX!", "a\n\n", "aéé"], ["X!", "abc", "abX"]),
        ('root ::= "a"? "b"* ("c" "d")+', ["cd", "abbcdcd"], ["ab", "aacd", "cdc"]),
        ('root ::= "a"{2} "b"{1,2} "c"{1,}', ["aabc", "aabbcc"], ["abc", "aabbbc", "aab"]),
        ('root ::= ("ab"){2}', ["abab"], ["aabb", "ab"]),
        ('root ::= "ab"{2}', ["abab"], ["abb"]),
        (r'root ::= "\"\\\n\t\x41\u00e9\U0001F600"', ['"\\\n\tAé😀'], ['"']),
        (r"root ::= [\]\-\\^é-ü😀]+", ["]-\\^ö😀"], ["a", ""]),
        ("root ::= [a-]", ["a", "-"], ["b"]),
        ('root ::= ""', [""], ["a"]),
        ('root ::= "(" root ")" | "x"', ["x", "((x))"], ["((x)", "()"]),
        ('root ::= root "+" root | [0-9]', ["1", "1+2+3"], ["1+", "+1"]),
        ('root ::=\n  "a" | # one\n  "b" (\n "c" |\n "d" )\n\n\n', ["a", "bc"], ["b", "ac"]),
        ('root ::= my-Rule_2\r\nmy-Rule_2 ::= "a"\r\n', ["a"], ["b"]),
        (f"root ::= {MANY_WORDS}", ["a0", "a2999"], ["a", "a3000"]),
        # What a lexer would cut wrongly, as it takes the longest word:
        ('root ::= "a" "bc" | "ab" "d"', ["abc", "abd"], ["ab", "abcd"]),
        ('root ::= [a-z]+ "end"', ["theend", "endend"], ["end", "the"]),
        ('root ::= "a" [a-z] "!" | [a-z]+ "?"', ["ab!", "abc?"], ["abc!", "!"]),
    ],
)
def test_a_text_follows_the_grammar_or_not(
    grammars: Grammars, vocabulary: LlamaVocabulary, grammar: str, yes: list[str], no: list[str]
) -> None:
    check(gbnf(grammar))

    assert [text for text in yes if not follows(grammars, vocabulary, grammar, text)] == []
    assert [text for text in no if follows(grammars, vocabulary, grammar, text)] == []


@pytest.mark.parametrize("grammar", ["root ::= ([a-z]+ | [ ]+)*", "root ::= (((.*)+ | .?)* .+)+"])
def test_a_long_text_is_followed_through_loops_in_loops(
    grammars: Grammars, vocabulary: LlamaVocabulary, grammar: str
) -> None:
    assert follows(grammars, vocabulary, grammar, "so it goes on " * 500)


def test_whatever_is_sampled_the_text_is_json(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    texts = [walk(grammars.constraint(JSON, []), vocabulary, seed) for seed in range(60)]
    complete = [text for text in texts if text is not None]

    assert len(complete) >= 10
    assert all(isinstance(json.loads(text, strict=False), dict) for text in complete)


@pytest.mark.parametrize(
    ("grammar", "regex"),
    [
        ('root ::= ([a-z]{1,3} ("-" | "_"))* [0-9]+', r"([a-z]{1,3}[-_])*[0-9]+"),
        ('root ::= "the " ([a-f]+ | "end") ("." | "!!")', r"the ([a-f]+|end)(\.|!!)"),
        (r"root ::= [^\n] [^ -~] . .?", r"[^\n][^ -~](?s:.)(?s:.)?"),
    ],
)
def test_whatever_is_sampled_fits_the_same_regular_expression(
    grammars: Grammars, vocabulary: LlamaVocabulary, grammar: str, regex: str
) -> None:
    texts = [walk(grammars.constraint(gbnf(grammar), []), vocabulary, seed) for seed in range(20)]
    complete = [text for text in texts if text is not None]

    assert complete
    assert all(re.fullmatch(regex, text) for text in complete)


# Tokens


@pytest.mark.parametrize("begun", ["", '{"a": ', '{"a": "te', '{"a": [1, 2], "b": {}', "{}"])
def test_the_mask_says_of_each_token_what_asking_for_it_says(
    grammars: Grammars, vocabulary: LlamaVocabulary, begun: str
) -> None:
    constraint = grammars.constraint(JSON, vocabulary.tokenize(begun))

    mask = constraint.mask()

    assert mask.shape == (vocabulary.size,)
    assert mask.tolist() == [constraint.allows(token) for token in range(vocabulary.size)]


def test_a_text_may_end_where_the_grammar_ends_and_only_there(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    constraint = grammars.constraint(gbnf('root ::= "a" "b"?'), [])
    a, b = vocabulary.tokenize("a") + vocabulary.tokenize("b")
    ends = set(vocabulary.ends.tolist())

    def allowed() -> set[int]:
        return set(np.flatnonzero(constraint.mask()).tolist())

    assert a in allowed()
    assert not ends & allowed()
    constraint.accept(a)
    assert allowed() == {b} | ends
    constraint.accept(b)
    assert allowed() == ends


def test_control_tokens_are_not_their_spelling(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    [control] = vocabulary.tokenize("<|im_start|>")
    constraint = grammars.constraint(gbnf('root ::= "<|im_start|>" .* | .*'), [])

    assert constraint.allows(vocabulary.tokenize("<")[0])
    assert not constraint.allows(control)
    assert not constraint.mask()[control]


def test_no_text_is_allowed_that_is_not_utf_8(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    constraint = grammars.constraint(gbnf("root ::= .*"), [])
    tokens = {vocabulary.piece(token): token for token in range(vocabulary.size)}

    assert not constraint.allows(tokens[b"\xff"])
    assert not constraint.allows(tokens[b"\x80"])
    constraint.accept(tokens[b"\xc3"])
    assert constraint.allows(tokens[b"\xa9"])
    assert not constraint.allows(tokens[b"a"])
    assert not constraint.allows(int(vocabulary.ends[0]))


def test_a_run_that_goes_on_elsewhere_goes_on_in_the_grammar(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    begun = vocabulary.tokenize('{"name": "Al')
    here = grammars.constraint(JSON, [])
    for token in begun:
        here.accept(token)

    there = grammars.constraint(JSON, begun)

    assert there.mask().tolist() == here.mask().tolist()
    with pytest.raises(GrammarError, match="does not follow"):
        grammars.constraint(JSON, vocabulary.tokenize("Hello"))


def test_sequences_with_the_same_grammar_are_apart(
    grammars: Grammars, vocabulary: LlamaVocabulary
) -> None:
    [a], [b] = vocabulary.tokenize("a"), vocabulary.tokenize("b")
    one, two = (grammars.constraint(gbnf('root ::= "a" "b"'), []) for _ in range(2))

    one.accept(a)

    assert (one.allows(a), one.allows(b)) == (False, True)
    assert (two.allows(a), two.allows(b)) == (True, False)


# What is refused


@pytest.mark.parametrize(
    ("grammar", "complaint"),
    [
        ("", "no rule “root”"),
        ('foo ::= "a"', "no rule “root”"),
        ('start: "a"', "Line 1, column 6 of the grammar: “::=” is missing"),
        ('root ::= "a"\n  | word', "Line 2, column 3 of the grammar: a rule begins with its name"),
        ('root ::= "a" |\n  word', "Line 2, column 3 of the grammar: there is no rule “word”"),
        ('root ::= "a"\nroot ::= "b"', "Line 2, column 1 of the grammar: the rule “root” is alrea"),
        ('root ::= "a', "column 10 of the grammar: this text has no closing quotation mark"),
        ("root ::= [a", "no “]”"),
        ("root ::= []", "no characters"),
        ("root ::= [z-a]", "runs backwards"),
        ('root ::= ("a"', "no “)”"),
        ('root ::= "a")', "does not belong to a rule"),
        ("root ::= *", "nothing to repeat"),
        ('root ::= "a"{x}', "a repetition is written"),
        ('root ::= "a"{3,2}', "ends before it begins"),
        ('root ::= "a"{3000}', "more than 2,000 repetitions"),
        (r'root ::= "\q"', "no such escape"),
        (r'root ::= "\ud800"', "no such character"),
        ("root ::= <think>", "can't be asked for"),
        ("root ::= root", "never comes to an end"),
    ],
)
def test_a_wrong_grammar_is_refused_with_the_place_and_reason(
    grammars: Grammars, grammar: str, complaint: str
) -> None:
    with pytest.raises(GrammarError, match=re.escape(complaint)):
        check(gbnf(grammar))


@pytest.mark.parametrize(
    ("grammar", "complaint"),
    [
        ('root ::= "' + "a" * 64_000 + '"', "longer than 64,000"),
        ("root ::= " + "(" * 200 + '"a"' + ")" * 200, "groups stand in each other"),
        ('root ::= "a"' + "*" * 5_000, "use each other in a row"),
        (f"root ::= r0\n{CHAIN}", "use each other in a row"),
        ("root ::= " + '"a"? ' * 3_000 + "root?", "too complex"),
        (f"root ::= {MANY_WORDS} | root root", "too complex"),
    ],
)
def test_a_grammar_too_large_to_be_followed_is_refused(grammar: str, complaint: str) -> None:
    with pytest.raises(GrammarError, match=complaint):
        check(gbnf(grammar))


@pytest.mark.parametrize(
    "grammar",
    [
        'root ::= "a" root',
        'root ::= root root | "a"',
        'root ::= root root root | root root | "a" | ""',
        'root ::= ((("a"*)*)* "b"?)*',
        'root ::= ("a"{2000}){2000}',
        'root ::= ((("a"{0,2000}){0,2000}){0,2000}){0,2000}',
        "root ::= r0\n"
        + "".join(f"r{n} ::= r{n + 1} r{n + 1}\n" for n in range(60))
        + 'r60 ::= "a"',
    ],
)
def test_a_malicious_grammar_ends_its_own_sequence_at_worst(
    grammars: Grammars, vocabulary: LlamaVocabulary, grammar: str
) -> None:
    constraint = grammars.constraint(gbnf(grammar), [])
    [a] = vocabulary.tokenize("a")
    try:
        for step in range(300):
            if not constraint.allows(a):
                assert constraint.way_out is not None  # it is ended where it can be
                break
            if step % 20 == 0:
                constraint.mask()
            constraint.accept(a)
    except GrammarError as error:
        assert "too complex" in str(error)
