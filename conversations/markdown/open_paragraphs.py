"""An open paragraph of which what is certain is drawn once."""

import re
from typing import Any

from django.utils.safestring import SafeString
from markdown_it.token import Token
from markdown_it.utils import EnvType

from conversations.markdown import parsing
from conversations.markdown.dialect import parser
from conversations.markdown.frames import EMPTY, Frame
from conversations.markdown.half_written import closed_inline
from conversations.markdown.parsing import Block
from conversations.markdown.rendering import html_of_tokens
from conversations.markdown.sanitizing import clean

LONG_CHARS = 160
"""A shorter one is drawn anew with each frame: that costs no more."""

_BEGINNING = re.compile(r" {0,3}[^\s$\\\[].*[^\W\d_]")
"""Of a line that stays a paragraph's, unlike `1`, `$$ x` or `[a]`, which may become others."""
_PAUSE = re.compile(r".*[ 。，、！？；：]", re.DOTALL)
"""Up to where words have ended, and addresses with them."""
_SIGN = re.compile(
    r"""`|~~|\$\$
      | \*(?![ ]) | (?<![ ])\*
      | (?<!\w)_ | _(?!\w)
      | (?<![A-Za-z0-9])\$(?!\s)""",
    re.VERBOSE,
)
"""In what was parsed as plain text: markup that may be waiting for its end."""
_FIRST_SIGN = re.compile(r"[`~*_$\[\\]")


class OpenParagraph:
    """A paragraph of one long line. It ends where no sign of markup waits for its other half, so
    both parts are parsed as they would be together."""

    def __init__(self, block: Block, lines: list[str], references: dict[str, Any]) -> None:
        indent = len(block.source) - len(block.source.lstrip(" "))
        self.begin = sum(len(line) + 1 for line in lines[: block.first_line]) + indent
        """Of the paragraph: whatever grows in it, a browser lays out all of it anew."""
        self._end = self.begin  # of what is certain
        self._references = references

    @staticmethod
    def fits(block: Block, lines: list[str]) -> bool:
        is_last_line = block.first_line == len(lines) - 1
        line = lines[block.first_line]
        is_long_paragraph = block.type == "paragraph_open" and len(line) >= LONG_CHARS
        return is_last_line and is_long_paragraph and bool(_BEGINNING.match(line))

    def draw(self, text: str) -> SafeString:
        frame = self.grow(text) or Frame()
        parts = (("grown", frame.grown), ("last", frame.last or EMPTY))
        spans = "".join(f'<span class="{name}">{html}</span>' for name, html in parts)
        return clean(f"<p>{spans}</p>\n")

    def grow(self, text: str) -> Frame | None:
        """None when there is another line, so that anything may have become of it."""
        if text.find("\n", self._end) >= 0:
            return None
        rest = text[self._end :]
        env = parsing.new_env(self._references)
        certain = _certain(rest, env)
        self._end += len(certain)
        last = closed_inline(rest[len(certain) :].rstrip())
        return Frame(grown=_html(certain, env) if certain else EMPTY, last=_html(last, env))


def _certain(rest: str, env: EnvType) -> str:
    """As much of its beginning as no text to come can change."""
    words = _up_to_pause(rest)
    if words and _is_certain(words, env):
        return words
    sign = _FIRST_SIGN.search(rest)
    return _up_to_pause(rest[: sign.start()]) if sign else words


def _up_to_pause(text: str) -> str:
    found = _PAUSE.match(text)
    return found[0] if found else ""


def _is_certain(text: str, env: EnvType) -> bool:
    tokens: list[Token] = []
    parser.inline.parse(text, parser, env, tokens)
    if any(token.type == "text_special" and token.content in "([" for token in tokens):
        return False  # they may open a formula
    texts = [token.content for token in _outside_addresses(tokens) if token.type == "text"]
    plain = "\0".join(texts)
    return not _SIGN.search(plain) and plain.count("[") <= plain.count("]")


def _outside_addresses(tokens: list[Token]) -> list[Token]:
    found = []
    inside = False
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            inside = token.type == "link_open" and token.markup in ("autolink", "linkify")
        elif not inside:
            found.append(token)
    return found


def _html(text: str, env: EnvType) -> SafeString:
    return html_of_tokens([Token("inline", "", 0, content=text, children=[])], env)
