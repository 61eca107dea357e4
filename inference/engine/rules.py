"""What a text must follow, and whether that can be followed at all. Web processes check it with
this; it needs no vocabulary."""

from dataclasses import dataclass
from typing import Literal

from llguidance import LLMatcher, LLTokenizer

from inference.engine import gbnf, json_schema
from inference.engine.closing_search import ANYWHERE, Search
from inference.engine.lark import ENDLESS, GrammarError, matcher, of_bytes, verify


@dataclass(frozen=True)
class Rules:
    """What a text must follow: a grammar in llama.cpp's notation, a JSON schema, or a grammar in
    llguidance's dialect of Lark, which alone may have control tokens, see lark.control_text."""

    kind: Literal["gbnf", "json_schema", "lark"]
    text: str
    exits: tuple[str, ...] = ()
    """Texts that lead out of others in which nearly anything may stand."""


def check(rules: Rules) -> None:
    """Raises GrammarError for what is no grammar, or one that no text could follow."""
    text = compiled(rules, of_bytes())
    allowed = text.compute_logit_bias()
    verify(text)
    if rules.kind == "gbnf":
        # Whether too much of it fits at once shows with the first character.
        text.consume_token(next((byte for byte, bias in enumerate(allowed) if bias), 0))
        verify(text)
    elif Search(text, list(range(256))).run(ANYWHERE) is None:
        raise GrammarError(ENDLESS)


def compiled(rules: Rules, tokenizer: LLTokenizer) -> LLMatcher:
    """A matcher at the beginning of a text. Raises GrammarError."""
    for lark in _lark(rules):
        found = matcher(lark, tokenizer)
        if not found.is_error():
            break
    verify(found)
    return found


def _lark(rules: Rules) -> list[str]:
    """The ways to write it, the best first."""
    match rules.kind:
        case "gbnf":
            return gbnf.to_lark(rules.text)
        case "json_schema":
            return json_schema.to_lark(rules.text)
        case "lark":
            return [rules.text]
