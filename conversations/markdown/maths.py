"""Formulas: found in the text by their signs, and drawn as MathML."""

import html
import re
from functools import lru_cache
from xml.etree import ElementTree

from django.utils.html import escape
from latex2mathml.converter import Converter
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MAX_MATHS_CHARS = 4_000

_CLOSING = {"$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_DOLLARS = re.compile(r"(?<![A-Za-z0-9])\$(?!\s)((?:[^$`\\\n]|\\.)+)(?<!\s)\$(?![A-Za-z0-9$])")
_AMOUNT = re.compile(r"\d[\d.,]*\s(?!.*[\\^_=+*/<>-])")
"""A number and then words, with no sign of arithmetic: `$5, or 6$`."""
_DEFINITION = re.compile(r"\\(?:def|newcommand|newenvironment|DeclareMathOperator)(?![A-Za-z])")
"""A macro of macros of macros would grow like a chain letter."""
_SYNONYMS = {
    r"aligned|flalign\*?|eqnarray\*?": "align*",
    r"gathered|gather\*?|multline\*?": "matrix",
}
"""Environments that models write and the converter does not know."""


def inline_maths(state: StateInline, silent: bool) -> bool:
    source, end = _find_maths(state.src, state.pos, state.posMax)
    if not source:
        return False
    if not silent:
        token = state.push("maths", "math", 0)
        token.content = source
        token.info = "block" if state.src[state.pos : state.pos + 2] in ("$$", r"\[") else "inline"
    state.pos = end
    return True


def _find_maths(text: str, start: int, end: int) -> tuple[str, int]:
    """The LaTeX that opens at `start`, if any, and where it has ended."""
    end = min(end, start + MAX_MATHS_CHARS)
    if closing := _CLOSING.get(text[start : start + 2]):
        stop = text.find(closing, start + 2, end)
        return ("", start) if stop < 0 else (text[start + 2 : stop].strip(), stop + 2)
    match = _DOLLARS.match(text, start, end)
    return ("", start) if not match or _AMOUNT.match(match[1]) else (match[1], match.end())


def block_maths(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""`$$` or `\[` from the beginning of a line to the end of the same or of a later one.

    Without its closing sign it is a paragraph up to the next blank line, so that a formula with a
    line like `- x` is no list while it is being written.
    """
    opening = _line(state, start)
    closing = _CLOSING.get(opening[:2])
    if state.is_code_block(start) or closing in (None, r"\)") or closing in opening[2:-2]:
        return False
    if not silent:
        stop, closed = _maths_end(state, start, end, closing)
        content = state.getLines(start, stop, state.blkIndent, False).strip()
        token = _push_maths(state, content[2:-2]) if closed else _push_paragraph(state, content)
        token.map = [start, stop]
        state.line = stop
    return True


def _maths_end(state: StateBlock, start: int, end: int, closing: str) -> tuple[int, bool]:
    """The line after the formula or paragraph, and whether it is a formula."""
    is_formula = True
    for number in range(start, end):
        outside = number > start and state.sCount[number] < state.blkIndent
        if state.isEmpty(number) or outside:
            return number, False
        line = _line(state, number)
        at = line.find(closing, 2 if number == start else 0)
        if is_formula and 0 <= at == len(line) - 2:
            return number + 1, True
        is_formula = is_formula and at < 0
    return end, False


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()


def _push_maths(state: StateBlock, source: str) -> Token:
    token = state.push("maths_block", "math", 0)
    token.content = source.strip()
    return token


def _push_paragraph(state: StateBlock, content: str) -> Token:
    opening = state.push("paragraph_open", "p", 1)
    text = state.push("inline", "", 0)
    text.content, text.children = content, []
    state.push("paragraph_close", "p", -1)
    return opening


def display_formula(source: str) -> str:
    return f'<div class="maths">{formula(source, "block")}</div>\n'


@lru_cache(maxsize=500)
def formula(source: str, display: str) -> str:
    if len(source) <= MAX_MATHS_CHARS and not _DEFINITION.search(source):
        try:
            return _mathml(source, display)
        except Exception:  # noqa: S110 (the converter raises whatever it stumbles over)
            pass
    return f"<code>{escape(source)}</code>"


def _mathml(source: str, display: str) -> str:
    """Not by the converter's own way to a string, which undoes the escaping."""
    for environments, known in _SYNONYMS.items():
        source = re.sub(rf"(\\(?:begin|end)){{(?:{environments})}}", rf"\1{{{known}}}", source)
    root = Converter(display=display).convert_to_element(source)
    for element in root.iter():
        element.text = html.unescape(element.text or "")
    return ElementTree.tostring(root, encoding="unicode")
