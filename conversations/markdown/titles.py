"""What a conversation is called after its first message."""

import re
from collections.abc import Iterator

from markdown_it.token import Token

from conversations.markdown import parsing
from conversations.markdown.dialect import parser
from conversations.markdown.plain_text import plain_text


def plain_text_title(text: str, limit: int = 60) -> str:
    """The first line that says something, of at most `limit` characters; never empty."""
    blocks = parsing.blocks(parsing.normalise(text[:2000]), parsing.new_env({}))
    tokens = parsing.flat(block.tokens for block in blocks)
    for line in _plain_lines(tokens):
        title = " ".join(line.split())
        if re.search(r"\w", title):
            return _shorten(title, limit)
    return "New chat"


def _plain_lines(tokens: list[Token]) -> Iterator[str]:
    """Prose first, as code makes a poor title."""
    for token in tokens:
        if token.type == "inline":
            yield from plain_text(parser.parseInline(token.content)[0].children).split("\n")
    for token in tokens:
        if token.type != "inline":
            yield from token.content.split("\n")


def _shorten(line: str, limit: int) -> str:
    if len(line) <= limit:
        return line
    words, _, _ = line[:limit].rpartition(" ")
    return (words or line[: limit - 1]).rstrip(" ,.:;-–—") + "…"
