"""A text as the blocks that stand at its top level."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from markdown_it.token import Token
from markdown_it.utils import EnvType

from conversations.markdown.dialect import MAX_NESTING, parser


class Block(NamedTuple):
    """What stands at the top level: a paragraph, a whole list, a whole table…"""

    tokens: list[Token]
    first_line: int
    end_line: int
    source: str

    @property
    def type(self) -> str:
        return self.tokens[0].type

    @property
    def is_list(self) -> bool:
        return self.type in ("bullet_list_open", "ordered_list_open")

    def items(self) -> list[list[Token]]:
        """Of a list."""
        return list(_groups(self.tokens[1:-1], level=1))


def normalise(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text)


def new_env(references: dict[str, Any]) -> EnvType:
    return {"references": dict(references)}


def blocks(text: str, env: EnvType) -> list[Block]:
    tokens: list[Token] = []
    parser.block.parse(text, parser, env, tokens)
    lines = text.split("\n")
    return [_block(group, lines) for group in _groups(tokens, level=0)]


def _block(tokens: list[Token], lines: list[str]) -> Block:
    first, end = tokens[0].map or (0, 0)
    return Block(tokens, first, end, "\n".join(lines[first:end]))


def is_too_deep(tokens: list[Token]) -> bool:
    """The parser leaves out what is deeper."""
    return any(token.level >= MAX_NESTING - 1 for token in tokens)


def _groups(tokens: list[Token], level: int) -> Iterator[list[Token]]:
    """The tokens of each element of that level, with all that is inside."""
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == level and token.nesting <= 0:
            yield group
            group = []


def flat(groups: Iterable[list[Token]]) -> list[Token]:
    return [token for group in groups for token in group]


def first_line(item: list[Token]) -> int:
    return item[0].map[0] if item[0].map else 0
