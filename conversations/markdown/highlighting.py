"""Code in colours, by Pygments, as far as that is quick."""

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.utils.html import escape
from pygments import format as format_tokens  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import find_lexer_class_by_name  # type: ignore[import-untyped]
from pygments.token import Token as TokenKind  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

MAX_HIGHLIGHT_CHARS = 20_000
MAX_HIGHLIGHT_LINE = 1_000
MAX_HIGHLIGHT_SECONDS = 0.25
"""Of CPU time. Many of Pygments' lexers take the square of the length of hostile code."""

_formatter = HtmlFormatter(nowrap=True)
_UNCOLOURED = {
    TokenKind.Name,
    TokenKind.Name.Other,
    TokenKind.Operator,
    TokenKind.Punctuation,
    TokenKind.Text.Whitespace,
}
"""Most of the elements, were they marked up."""


class _TooSlow(Exception):
    pass


def highlighted_lines(code: str, language: str) -> list[str]:
    """Each line as HTML of its own: no element goes over its end."""
    plain: list[str] = escape(code).split("\n")
    lexer = _lexer(language)
    if lexer is None or not _is_harmless(code):
        return plain
    try:
        tokens = _in_time(lexer(stripnl=False, ensurenl=False).get_tokens(code + "\n"))
        lines: list[str] = format_tokens(tokens, _formatter).split("\n")
    except _TooSlow:
        return plain
    return lines[: len(plain)] if len(lines) >= len(plain) else plain


def _is_harmless(code: str) -> bool:
    """No single step of a lexer is slow on code of this shape; many slow steps are timed."""
    if len(code) > MAX_HIGHLIGHT_CHARS or "\n" * 100 in code:
        return False
    return all(len(line) <= MAX_HIGHLIGHT_LINE for line in code.split("\n"))


def _in_time(tokens: Iterator[Any]) -> Iterator[Any]:
    deadline = time.thread_time() + MAX_HIGHLIGHT_SECONDS
    for count, (kind, text) in enumerate(tokens):
        if count % 16 == 0 and time.thread_time() > deadline:
            raise _TooSlow
        yield (TokenKind.Text if kind in _UNCOLOURED else kind), text


@lru_cache(maxsize=200)
def _lexer(language: str) -> Any | None:
    try:
        return find_lexer_class_by_name(language)
    except ClassNotFound:
        return None
