"""What no text to come can change, of the blocks of a text that grows."""

import re

from markdown_it.token import Token

from conversations.markdown.parsing import Block, first_line


def count_closed(blocks: list[Block], lines: list[str]) -> int:
    """How many blocks no text to come can change. The last of `lines` is still being written."""
    for index in reversed(range(len(blocks))):
        if _has_ended(blocks[index], lines):
            return index + 1
        if index and _has_begun(blocks[index], lines):
            return index
    return 0


def _has_ended(block: Block, lines: list[str]) -> bool:
    complete = len(lines) - 1
    if block.end_line > complete:
        return False
    if block.type == "fence":
        return is_closed_fence(block)
    if block.type in ("paragraph_open", "table_open", "blockquote_open"):
        return block.end_line < complete and _is_blank(lines[block.end_line])
    return block.type in ("heading_open", "hr", "maths_block")


def _has_begun(block: Block, lines: list[str]) -> bool:
    """Whether the block before it has certainly ended."""
    first = block.first_line
    needed = 2 if block.type == "table_open" else 1
    if first + needed < len(lines):
        return True
    may_be_item = not re.search(r"[^\d\s*+-]", lines[first])
    return _is_blank(lines[first - 1]) and not may_be_item


def is_certain_item(item: list[Token], lines: list[str]) -> bool:
    """Not `- -`, which can become a rule, or the `- ` that may be all of a line so far."""
    first = first_line(item)
    return first + 1 < len(lines) or bool(re.match(r"\s*(?:[-+*]|\d+[.)])\s.*\w", lines[first]))


def _is_blank(line: str) -> bool:
    return not line.strip(" \t")


def is_closed_fence(block: Block) -> bool:
    _, *inside = block.source.split("\n")
    return bool(inside) and bool(re.fullmatch(closing_fence(block.tokens[0]), inside[-1]))


def closing_fence(fence: Token) -> str:
    return f" {{0,3}}{fence.markup[0]}{{{len(fence.markup)},}}[ \\t]*"
