"""A text that grows, block by block."""

from typing import Any

from django.utils.safestring import SafeString
from markdown_it.utils import EnvType

from conversations.markdown import parsing
from conversations.markdown.closing import count_closed
from conversations.markdown.frames import EMPTY, Frame
from conversations.markdown.half_written import close_inline
from conversations.markdown.open_blocks import OpenCode, OpenList, growing
from conversations.markdown.open_paragraphs import OpenParagraph
from conversations.markdown.parsing import Block
from conversations.markdown.rendering import html_of_blocks

LAZY_CHARS = 2_048
LAZY_SHARE = 32
"""An open block longer than LAZY_CHARS is drawn again when a LAZY_SHAREth of the excess is new."""


class BlockStream:
    """Turns a growing text into frames whose bytes and CPU grow with the text, not its square.

    A block is closed, and rendered, when no text to come can change it. All that was closed, with
    what `finish` closes, is `render` of the whole text, but for links whose definition comes later
    and for texts over `rendering.MAX_CHARS`. While it is open a block may lack refinements: a list
    has no space between its items, and code is coloured by what it says nearby.
    """

    def __init__(self) -> None:
        self._text = ""  # from where the last closed block has ended
        self._carriage_return = ""
        self._drawn = 0
        self._references: dict[str, Any] = {}
        self._growing: OpenCode | OpenList | OpenParagraph | None = None

    def feed(self, text: str) -> Frame:
        """`text` is what is new since the last call."""
        self._add(text)
        new = len(self._text) - self._drawn
        begin = self._growing.begin if self._growing else 0
        if not new or new < (len(self._text) - begin - LAZY_CHARS) // LAZY_SHARE:
            return Frame()
        self._drawn = len(self._text)
        frame = self._growing.grow(self._text) if self._growing else None
        return self._redraw() if frame is None else frame

    def finish(self) -> Frame:
        """Closes what is still open."""
        self._add("\n" if self._carriage_return else "")
        env = parsing.new_env(self._references)
        closed = html_of_blocks(parsing.blocks(self._text, env), env)
        self._text, self._growing = "", None
        return Frame(closed=closed, open=EMPTY)

    def _add(self, text: str) -> None:
        text = self._carriage_return + text
        self._carriage_return = "\r" if text.endswith("\r") else ""
        self._text += parsing.normalise(text.removesuffix("\r"))

    def _redraw(self) -> Frame:
        env = parsing.new_env(self._references)
        lines = self._text.split("\n")
        blocks = parsing.blocks(self._text, env)
        done = count_closed(blocks, lines)
        if not done:
            return Frame(open=self._draw_open(blocks, lines, env))
        closed = html_of_blocks(blocks[:done], env)
        self._forget(lines, blocks[done - 1].end_line, env)
        rest = self._redraw()
        return Frame(closed=closed + rest.closed, open=rest.open)

    def _forget(self, lines: list[str], until: int, env: EnvType) -> None:
        for label, definition in env["references"].items():
            if definition["map"][1] <= until:
                self._references.setdefault(label, definition)
        self._text = "\n".join(lines[until:])
        self._drawn = len(self._text)

    def _draw_open(self, blocks: list[Block], lines: list[str], env: EnvType) -> SafeString:
        alone = len(blocks) == 1
        self._growing = growing(blocks[0], lines, self._references) if alone else None
        if self._growing:
            return self._growing.draw(self._text)
        if blocks:
            close_inline(blocks[-1].tokens)
        return html_of_blocks(blocks, env)
