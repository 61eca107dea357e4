"""Open blocks that grow by parts: what is certain of them is drawn once."""

import re
from typing import Any

from django.utils.safestring import SafeString
from markdown_it.token import Token
from markdown_it.utils import EnvType

from conversations.markdown import highlighting, parsing
from conversations.markdown.closing import (
    closing_fence,
    count_closed,
    is_certain_item,
    is_closed_fence,
)
from conversations.markdown.code_blocks import figure, language_of
from conversations.markdown.frames import EMPTY, Frame
from conversations.markdown.half_written import close_inline
from conversations.markdown.open_paragraphs import OpenParagraph
from conversations.markdown.parsing import Block
from conversations.markdown.rendering import html_of_tokens
from conversations.markdown.sanitizing import clean

CONTEXT_CHARS = 1_000
"""At most so much code before a new line of an open code block is read again to colour it."""


def growing(
    block: Block, lines: list[str], references: dict[str, Any]
) -> "OpenCode | OpenList | OpenParagraph | None":
    """The only open block, if it is one that grows by parts."""
    if _is_open_code(block, lines):
        return OpenCode(block, lines)
    if block.is_list and len(block.items()) > 1 and not parsing.is_too_deep(block.tokens):
        return OpenList(block, references)
    if OpenParagraph.fits(block, lines):
        return OpenParagraph(block, lines, references)
    return None


class OpenCode:
    """A code block of which whole lines are drawn once."""

    def __init__(self, block: Block, lines: list[str]) -> None:
        fence = block.tokens[0]
        self.begin = _offset(lines, block.first_line + 1)  # of the line that is still being written
        self._context = self.begin  # colouring begins here
        self._language = language_of(fence)
        self._fence = fence.markup
        self._closing = re.compile(f"^{closing_fence(fence)}$", re.MULTILINE)

    def draw(self, text: str) -> SafeString:
        grown, last = self._advance(text)
        slots = [("grown", grown), ("last", last)]
        code = "".join(f'<code class="highlight {slot}">{lines}</code>' for slot, lines in slots)
        return clean(figure(code, self._language))

    def grow(self, text: str) -> Frame | None:
        """None when the block is closed."""
        if self._closing.search(text, self.begin, text.rfind("\n") + 1):
            return None
        grown, last = self._advance(text)
        return Frame(grown=clean(grown), last=clean(last))

    def _advance(self, text: str) -> tuple[str, str]:
        lines = highlighting.highlighted_lines(text[self._context :], self._language)
        *whole, last = lines[text.count("\n", self._context, self.begin) :]
        self.begin = text.rfind("\n") + 1
        self._context = self._next_context(text)
        may_close = self._fence.startswith(text[self.begin :].strip())
        return "".join(line + "\n" for line in whole), "" if may_close else last

    def _next_context(self, text: str) -> int:
        """Far enough back for most strings and comments of many lines, near enough to be cheap."""
        if self.begin - self._context <= CONTEXT_CHARS:
            return self._context
        earliest = self.begin - CONTEXT_CHARS // 2
        unindented = re.compile(r"(?<=\n)\S").search(text, earliest, self.begin)
        return unindented.start() if unindented else text.index("\n", earliest) + 1


class OpenList:
    """A list of which all items but the last are drawn once."""

    def __init__(self, block: Block, references: dict[str, Any]) -> None:
        opening = block.tokens[0]
        self.begin = 0  # of the first item that may still change
        self._tag = opening.tag
        self._number = int(opening.attrs.get("start", 1))
        self._references = references

    def draw(self, text: str) -> SafeString:
        start = f' start="{self._number}"' if self._tag == "ol" else ""
        frame = self.grow(text) or Frame()
        return clean(
            f'<{self._tag} class="grown"{start}>{frame.grown}</{self._tag}>'
            f'<{self._tag} class="last">{frame.last or EMPTY}</{self._tag}>'
        )

    def grow(self, text: str) -> Frame | None:
        """None when the list is closed, or no longer one to draw by items."""
        env = parsing.new_env(self._references)
        lines = text[self.begin :].split("\n")
        first, *others = parsing.blocks(text[self.begin :], env)
        if not first.is_list or parsing.is_too_deep(first.tokens):
            return None
        if others:  # they may yet become part of the list
            return None if count_closed([first, *others], lines) else Frame()
        return self._draw_items(first.items(), lines, env)

    def _draw_items(self, items: list[list[Token]], lines: list[str], env: EnvType) -> Frame:
        settled = len(items) - 1
        if settled and not is_certain_item(items[-1], lines):
            settled -= 1
        grown = html_of_tokens(parsing.flat(items[:settled]), env)
        self._number += settled
        self.begin += _offset(lines, parsing.first_line(items[settled]))
        close_inline(items[-1])
        if self._tag == "ol":
            for number, item in enumerate(items[settled:], self._number):
                item[0].attrSet("value", str(number))
        return Frame(grown=grown, last=html_of_tokens(parsing.flat(items[settled:]), env))


def _is_open_code(block: Block, lines: list[str]) -> bool:
    return (
        block.type == "fence"
        and not lines[block.first_line].startswith(" ")  # its lines would lose as much
        and block.first_line + 1 < len(lines)
        and not is_closed_fence(block)
    )


def _offset(lines: list[str], number: int) -> int:
    return sum(len(line) + 1 for line in lines[:number])
