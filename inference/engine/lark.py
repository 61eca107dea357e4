"""Matchers of llguidance, for grammars in its dialect of Lark: with limits, and with errors that
are sentences for people."""

import re
from functools import cache

from llguidance import LLMatcher, LLParserLimits, LLTokenizer

LIMITS = LLParserLimits(
    initial_lexer_fuel=200_000,
    step_lexer_fuel=1_000_000,  # of one mask: 70 ms
    step_max_items=2_000_000,  # of one mask: 100 ms
    max_items_in_row=1_000,  # ways to go on after one character
    max_lexer_states=20_000,  # 40 MB
    max_grammar_size=200_000,
    verbose_errors=False,
)
HEADER = '%llguidance {"no_forcing": true}'
"""Without it, every mask looks for the longest text that can't be otherwise, which for
`root ::= "a" root` takes a second and 400 MB."""
TOO_COMPLEX = "The grammar is too complex: too many of its rules fit the same place of a text."
ENDLESS = "The grammar never comes to an end, or only in a text that is very long."

CONTROL = b"\x0e"

SCHEMA_ERROR = re.compile(r"failed to compile JSON schema: (.*?)(?=\n +\d+ \| |\Z)", re.DOTALL)


class GrammarError(ValueError):
    """The message is a sentence for people."""


class TooFewTokens(GrammarError):
    """Not even the shortest text that is complete fits."""


def control_text(token: int) -> str:
    """How a control token stands in a grammar, which knows texts alone: after a character that no
    JSON text has, and that constrained texts do without."""
    return f"{CONTROL.decode()}{token};"


def matcher(lark: str, tokenizer: LLTokenizer) -> LLMatcher:
    """At the beginning of a text; it may have given up already, which `verify` tells."""
    grammar = LLMatcher.grammar_from_lark(f"{HEADER}\n{lark}")
    return LLMatcher(tokenizer, grammar, log_level=0, limits=LIMITS)


def verify(matcher: LLMatcher) -> None:
    """Raises GrammarError if `matcher` has given up."""
    if not matcher.is_error():
        return
    error = matcher.get_error()
    if found := SCHEMA_ERROR.search(error):
        reason = " ".join(found[1].split()).rstrip(".")
        raise GrammarError(f"The JSON schema can't be followed: {reason}.")
    raise GrammarError(ENDLESS if error.startswith("NoExtension") else TOO_COMPLEX)


@cache
def of_bytes() -> LLTokenizer:
    """Without a model: each byte is a token."""
    return LLTokenizer("byte")
