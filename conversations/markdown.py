r"""A model's Markdown as safe HTML: a whole text (`render`), or one that grows (`BlockStream`).

CommonMark with tables, ~~strikethrough~~, task lists, bare addresses, line breaks as typed, and
maths in `$…$`, `$$…$$`, `\(…\)` and `\[…\]`. The text is hostile, as a model repeats what it read:
raw HTML is shown as text, and whatever parser, highlighter and maths converter make of the rest
passes the sanitiser last.
"""

import html
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from xml.etree import ElementTree

import nh3
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe
from latex2mathml.converter import Converter
from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as table_rule
from markdown_it.rules_core import StateCore, inline, text_join
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as image_rule
from markdown_it.token import Token
from markdown_it.utils import EnvType
from pygments import format as format_tokens  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import find_lexer_class_by_name  # type: ignore[import-untyped]
from pygments.token import Token as TokenKind  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

MAX_CHARS = 100_000
"""Longer texts are shown as they are, in plain paragraphs."""
MAX_NESTING = 20
"""Blocks with lists (which count twice) and quotes this deep are shown as they are."""
MAX_MATHS_CHARS = 4_000
MAX_HIGHLIGHT_CHARS = 20_000
MAX_HIGHLIGHT_LINE = 1_000
MAX_HIGHLIGHT_SECONDS = 0.25
"""Of CPU time. Many of Pygments' lexers take the square of the length of hostile code."""

EMPTY = mark_safe("")


def render(text: str) -> SafeString:
    """Never raises. Takes about 2 ms for 1,000 characters of ordinary text."""
    text = _normalise(text)
    if len(text) > MAX_CHARS:
        return _plain(text)
    env = _env({})
    return _join(_html(block, env) for block in _blocks(text, env))


def plain_text_title(text: str, limit: int = 60) -> str:
    """The first line that says something, of at most `limit` characters; never empty."""
    blocks = _blocks(_normalise(text[:2000]), _env({}))
    tokens = _flat(block.tokens for block in blocks)
    for line in _plain_lines(tokens):
        title = " ".join(line.split())
        if re.search(r"\w", title):
            return _shorten(title, limit)
    return "New chat"


# --- Blocks ---------------------------------------------------------------------------------------


class Block(NamedTuple):
    """What stands at the top level: a paragraph, a whole list, a whole table…"""

    tokens: list[Token]
    first_line: int
    end_line: int
    source: str

    @property
    def type(self) -> str:
        return self.tokens[0].type


def _env(references: dict[str, Any]) -> EnvType:
    return {"references": dict(references)}


def _blocks(text: str, env: EnvType) -> list[Block]:
    tokens: list[Token] = []
    _md.block.parse(text, _md, env, tokens)
    lines = text.split("\n")
    return [_block(group, lines) for group in _groups(tokens, level=0)]


def _block(tokens: list[Token], lines: list[str]) -> Block:
    first, end = tokens[0].map or (0, 0)
    return Block(tokens, first, end, "\n".join(lines[first:end]))


def _groups(tokens: list[Token], level: int) -> Iterator[list[Token]]:
    """The tokens of each element of that level, with all that is inside."""
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == level and token.nesting <= 0:
            yield group
            group = []


def _flat(groups: Iterable[list[Token]]) -> list[Token]:
    return [token for group in groups for token in group]


def _html(block: Block, env: EnvType) -> SafeString:
    return _plain(block.source) if _is_too_deep(block.tokens) else _html_of(block.tokens, env)


def _is_too_deep(tokens: list[Token]) -> bool:
    """The parser leaves out what is deeper."""
    return any(token.level >= MAX_NESTING - 1 for token in tokens)


def _html_of(tokens: list[Token], env: EnvType) -> SafeString:
    state = StateCore("", _md, env, tokens)
    inline(state)
    text_join(state)
    return _clean(_md.renderer.render(tokens, _md.options, env))


def _plain(text: str) -> SafeString:
    return mark_safe(linebreaks(text, autoescape=True) + "\n")  # noqa: S308 (escaped)


def _normalise(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text)


def _join(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 (of safe parts)


# --- Titles ---------------------------------------------------------------------------------------


def _plain_lines(tokens: list[Token]) -> Iterator[str]:
    """Prose first, as code makes a poor title."""
    for token in tokens:
        if token.type == "inline":
            yield from _plain_text(_md.parseInline(token.content)[0].children).split("\n")
    for token in tokens:
        if token.type != "inline":
            yield from token.content.split("\n")


def _plain_text(tokens: list[Token] | None) -> str:
    return "".join(map(_text_of, tokens or []))


def _text_of(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return _plain_text(token.children) if token.children else token.content


def _shorten(line: str, limit: int) -> str:
    if len(line) <= limit:
        return line
    words, _, _ = line[:limit].rpartition(" ")
    return (words or line[: limit - 1]).rstrip(" ,.:;-–—") + "…"


# --- Syntax that CommonMark lacks -----------------------------------------------------------------

_CLOSING = {"$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_DOLLARS = re.compile(r"(?<![A-Za-z0-9])\$(?!\s)((?:[^$`\\\n]|\\.)+)(?<!\s)\$(?![A-Za-z0-9$])")
_AMOUNT = re.compile(r"\d[\d.,]*\s(?!.*[\\^_=+*/<>-])")
"""A number and then words, with no sign of arithmetic: `$5, or 6$`."""


def _inline_maths(state: StateInline, silent: bool) -> bool:
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


def _block_maths(state: StateBlock, start: int, end: int, silent: bool) -> bool:
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


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Not one of cells that nobody wrote: lines of one letter under a hundred columns would come
    out hundreds of times as long."""
    if not table_rule(state, start, end, True):
        return False
    begin = state.bMarks[start]
    stop = state.src.find("\n\n", begin)
    stop = len(state.src) if stop < 0 else stop
    columns = state.src.count("|", begin, state.eMarks[start])
    cells = columns * state.src.count("\n", begin, stop)
    if cells > 50 + 4 * state.src.count("|", begin, stop):
        return False
    return silent or table_rule(state, start, end, False)


_URL = re.compile(r"""://[^\s<>"`|«»\u2018-\u201f\u3000-\u303f\uff00-\uffef]{1,2000}""")


def _bare_url(state: StateInline, silent: bool) -> bool:
    """`https://…` as it stands. `silent` looks for the end of a link's label, where none counts."""
    scheme = re.search(r"(?<![A-Za-z0-9])https?\Z", state.pending[-6:], re.IGNORECASE)
    found = _URL.match(state.src, state.pos, state.posMax)
    if silent or state.linkLevel or not scheme or not found:
        return False
    rest = _without_punctuation(found[0])
    if len(rest) <= len("://"):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(scheme[0] + rest)}
    state.push("text", "", 0).content = scheme[0] + rest
    state.push("link_close", "a", -1)
    state.pos += len(rest)
    return True


def _without_punctuation(url: str) -> str:
    """What ends a sentence, or emphasis or a bracket around the address, is not part of it."""
    while url[-1] in "?!.,:;*_~'\"]" or (url[-1] == ")" and url.count(")") > url.count("(")):
        url = url[:-1]
    return url


def _image(state: StateInline, silent: bool) -> bool:
    found = image_rule(state, silent)
    if found and not silent:
        state.tokens[-1].meta["in_link"] = state.linkLevel > 0
    return found


# --- Highlighting ---------------------------------------------------------------------------------

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


def _highlighted_lines(code: str, language: str) -> list[str]:
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


# --- Maths ----------------------------------------------------------------------------------------

_DEFINITION = re.compile(r"\\(?:def|newcommand|newenvironment|DeclareMathOperator)(?![A-Za-z])")
"""A macro of macros of macros would grow like a chain letter."""
_SYNONYMS = {
    r"aligned|flalign\*?|eqnarray\*?": "align*",
    r"gathered|gather\*?|multline\*?": "matrix",
}
"""Environments that models write and the converter does not know."""


@lru_cache(maxsize=500)
def _maths(source: str, display: str) -> str:
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
    formula = Converter(display=display).convert_to_element(source)
    for element in formula.iter():
        element.text = html.unescape(element.text or "")
    return ElementTree.tostring(formula, encoding="unicode")


# --- HTML -----------------------------------------------------------------------------------------


def _heading(token: Token) -> str:
    """The page has a first and a second level of its own."""
    return f"h{min(int(token.tag[1]) + 2, 6)}"


def _cell(token: Token) -> str:
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f'<{token.tag} class="{side}">' if side else f"<{token.tag}>"


def _link_to_image(token: Token) -> str:
    """The reader's browser asks another host for nothing by itself."""
    source = str(token.attrs["src"])
    label = escape(_plain_text(token.children) or source)
    return label if token.meta["in_link"] else f'<a href="{escape(source)}">{label}</a>'


def _language(fence: Token) -> str:
    return re.sub(r"[^\w+#.-].*", "", fence.info.strip(), flags=re.DOTALL)[:30]


def _code(source: str, language: str) -> str:
    lines = _highlighted_lines(source.removesuffix("\n"), language)
    return _figure('<code class="highlight">' + "\n".join(lines) + "</code>", language)


def _figure(code: str, language: str) -> str:
    name = escape(language or "text")
    return (
        f'<figure class="code" data-language="{name}"><figcaption><span>{name}</span>'
        '<button type="button" class="copy" data-copy>Copy</button></figcaption>'
        f"<pre>{code}</pre></figure>\n"
    )


def _display_maths(source: str) -> str:
    return f'<div class="maths">{_maths(source, "block")}</div>\n'


_DRAW: dict[str, Callable[[Token], str]] = {
    "code_block": lambda token: _code(token.content, ""),
    "fence": lambda token: _code(token.content, _language(token)),
    "heading_close": lambda token: f"</{_heading(token)}>\n",
    "heading_open": lambda token: f"<{_heading(token)}>",
    "image": _link_to_image,
    "maths": lambda token: _maths(token.content, token.info),
    "maths_block": lambda token: _display_maths(token.content),
    "table_close": lambda token: "</table></div>\n",
    "table_open": lambda token: '<div class="table-scroll" tabindex="0"><table>\n',
    "td_open": _cell,
    "th_open": _cell,
}


# --- Safety ---------------------------------------------------------------------------------------


def _words(text: str) -> set[str]:
    return set(text.split())


_MATHML_TAGS = _words(
    "math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mroot mrow ms mspace"
    " msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover"
)
_MATHML_ATTRIBUTES = _words(
    "accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form"
    " height largeop linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize"
    " minsize movablelimits notation rowlines rowspacing rspace scriptlevel separator stretchy"
    " symmetric voffset width"
)
_HTML_TAGS = _words(
    "a blockquote br button code div em figcaption figure h3 h4 h5 h6 hr input li math ol p pre s"
    " span strong table tbody td th thead tr ul"
)
_SIDES = {"left", "center", "right"}
_CLEANER = nh3.Cleaner(
    tags=_HTML_TAGS | _MATHML_TAGS,
    attributes=dict.fromkeys(_MATHML_TAGS, _MATHML_ATTRIBUTES)
    | {
        "a": {"href", "title"},
        "button": {"data-copy"},
        "code": {"class"},
        "div": {"tabindex"},
        "figure": {"data-language"},
        "input": {"checked", "disabled"},
        "li": {"value"},
        "ol": {"start"},
        "span": {"class"},
    },
    tag_attribute_values={
        "button": {"type": {"button"}, "class": {"copy"}},
        "div": {"class": {"maths", "table-scroll"}},
        "figure": {"class": {"code"}},
        "input": {"type": {"checkbox"}},
        "ol": {"class": {"grown", "last"}},
        "td": {"class": _SIDES},
        "th": {"class": _SIDES},
        "ul": {"class": {"grown", "last"}},
    },
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="nofollow noopener noreferrer",
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)


def _clean(unsafe: str) -> SafeString:
    return mark_safe(_CLEANER.clean(unsafe))  # noqa: S308 (this is what makes it so)


# --- The parser, put together ---------------------------------------------------------------------


def _parser() -> MarkdownIt:
    options = {"html": False, "breaks": True, "tasklists": True, "maxNesting": MAX_NESTING}
    md = MarkdownIt("commonmark", options).enable(["strikethrough", "table"])
    interrupts = RuleOptionsType(alt=["paragraph", "reference", "blockquote", "list"])
    md.block.ruler.before("fence", "maths", _block_maths, interrupts)
    md.block.ruler.at("table", _table, RuleOptionsType(alt=["paragraph", "reference"]))
    md.inline.ruler.before("escape", "maths", _inline_maths)
    md.inline.ruler.at("image", _image)
    md.inline.ruler.push("bare_url", _bare_url)
    for name, draw in _DRAW.items():
        md.add_render_rule(name, _rule(draw))
    return md


def _rule(draw: Callable[[Token], str]) -> Callable[..., str]:
    return lambda renderer, tokens, index, options, env: draw(tokens[index])


_md = _parser()


# --- A text that grows ----------------------------------------------------------------------------

CONTEXT_CHARS = 1_000
"""At most so much code before a new line of an open code block is read again to colour it."""
LAZY_CHARS = 2_048
LAZY_SHARE = 32
"""An open block longer than LAZY_CHARS is drawn again when a LAZY_SHAREth of the excess is new."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What changed on the page; false when nothing did.

    The page has an area of closed blocks, only ever appended to, and after it an open area.
    Either `open` replaces the inside of the open area, or, while that shows a code block or a
    list, `grown` is appended inside its `.grown` and `last` replaces the inside of its `.last`.
    """

    closed: SafeString = EMPTY
    open: SafeString | None = None
    grown: SafeString = EMPTY
    last: SafeString | None = None

    def __bool__(self) -> bool:
        return bool(self.closed or self.grown) or self.open is not None or self.last is not None


class BlockStream:
    """Turns a growing text into frames whose bytes and CPU grow with the text, not its square.

    A block is closed, and rendered, when no text to come can change it. All that was closed, with
    what `finish` closes, is `render` of the whole text, but for links whose definition comes later
    and for texts over `MAX_CHARS`. While it is open a block may lack refinements: a list has no
    space between its items, and code is coloured by what it says nearby.
    """

    def __init__(self) -> None:
        self._text = ""  # from where the last closed block has ended
        self._carriage_return = ""
        self._drawn = 0
        self._references: dict[str, Any] = {}
        self._growing: _OpenCode | _OpenList | None = None

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
        env = _env(self._references)
        closed = _join(_html(block, env) for block in _blocks(self._text, env))
        self._text, self._growing = "", None
        return Frame(closed=closed, open=EMPTY)

    def _add(self, text: str) -> None:
        text = self._carriage_return + text
        self._carriage_return = "\r" if text.endswith("\r") else ""
        self._text += _normalise(text.removesuffix("\r"))

    def _redraw(self) -> Frame:
        env = _env(self._references)
        lines = self._text.split("\n")
        blocks = _blocks(self._text, env)
        done = _count_closed(blocks, lines)
        if not done:
            return Frame(open=self._draw_open(blocks, lines, env))
        closed = _join(_html(block, env) for block in blocks[:done])
        self._forget(lines, blocks[done - 1].end_line, env)
        rest = self._redraw()
        return Frame(closed=_join([closed, rest.closed]), open=rest.open)

    def _forget(self, lines: list[str], until: int, env: EnvType) -> None:
        for label, definition in env["references"].items():
            if definition["map"][1] <= until:
                self._references.setdefault(label, definition)
        self._text = "\n".join(lines[until:])
        self._drawn = len(self._text)

    def _draw_open(self, blocks: list[Block], lines: list[str], env: EnvType) -> SafeString:
        self._growing = self._growing_of(blocks[0], lines) if len(blocks) == 1 else None
        if self._growing:
            return self._growing.draw(self._text)
        if blocks:
            _close_inline(blocks[-1].tokens)
        return _join(_html(block, env) for block in blocks)

    def _growing_of(self, block: Block, lines: list[str]) -> "_OpenCode | _OpenList | None":
        if _is_open_code(block, lines):
            return _OpenCode(block, lines)
        if block.type in _LISTS and len(_items(block)) > 1 and not _is_too_deep(block.tokens):
            return _OpenList(block, self._references)
        return None


class _OpenCode:
    """A code block of which whole lines are drawn once."""

    def __init__(self, block: Block, lines: list[str]) -> None:
        fence = block.tokens[0]
        self.begin = _offset(lines, block.first_line + 1)  # of the line that is still being written
        self._context = self.begin  # colouring begins here
        self._language = _language(fence)
        self._fence = fence.markup
        self._closing = re.compile(f"^{_closing_fence(fence)}$", re.MULTILINE)

    def draw(self, text: str) -> SafeString:
        grown, last = self._advance(text)
        slots = [("grown", grown), ("last", last)]
        code = "".join(f'<code class="highlight {slot}">{lines}</code>' for slot, lines in slots)
        return _clean(_figure(code, self._language))

    def grow(self, text: str) -> Frame | None:
        """None when the block is closed."""
        if self._closing.search(text, self.begin, text.rfind("\n") + 1):
            return None
        grown, last = self._advance(text)
        return Frame(grown=_clean(grown), last=_clean(last))

    def _advance(self, text: str) -> tuple[str, str]:
        lines = _highlighted_lines(text[self._context :], self._language)
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


class _OpenList:
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
        return _clean(
            f'<{self._tag} class="grown"{start}>{frame.grown}</{self._tag}>'
            f'<{self._tag} class="last">{frame.last or EMPTY}</{self._tag}>'
        )

    def grow(self, text: str) -> Frame | None:
        """None when the list is closed, or no longer one to draw by items."""
        env = _env(self._references)
        lines = text[self.begin :].split("\n")
        first, *others = _blocks(text[self.begin :], env)
        if first.type not in _LISTS or _is_too_deep(first.tokens):
            return None
        if others:  # they may yet become part of the list
            return None if _count_closed([first, *others], lines) else Frame()
        return self._draw_items(_items(first), lines, env)

    def _draw_items(self, items: list[list[Token]], lines: list[str], env: EnvType) -> Frame:
        settled = len(items) - 1
        if settled and not _is_certain_item(items[-1], lines):
            settled -= 1
        grown = _html_of(_flat(items[:settled]), env)
        self._number += settled
        self.begin += _offset(lines, _first_line(items[settled]))
        _close_inline(items[-1])
        if self._tag == "ol":
            for number, item in enumerate(items[settled:], self._number):
                item[0].attrSet("value", str(number))
        return Frame(grown=grown, last=_html_of(_flat(items[settled:]), env))


def _count_closed(blocks: list[Block], lines: list[str]) -> int:
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
        return _is_closed_fence(block)
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


def _is_certain_item(item: list[Token], lines: list[str]) -> bool:
    """Not `- -`, which can become a rule, or the `- ` that may be all of a line so far."""
    first = _first_line(item)
    return first + 1 < len(lines) or bool(re.match(r"\s*(?:[-+*]|\d+[.)])\s.*\w", lines[first]))


def _is_blank(line: str) -> bool:
    return not line.strip(" \t")


def _is_closed_fence(block: Block) -> bool:
    _, *inside = block.source.split("\n")
    return bool(inside) and bool(re.fullmatch(_closing_fence(block.tokens[0]), inside[-1]))


def _is_open_code(block: Block, lines: list[str]) -> bool:
    return (
        block.type == "fence"
        and not lines[block.first_line].startswith(" ")  # its lines would lose as much
        and block.first_line + 1 < len(lines)
        and not _is_closed_fence(block)
    )


def _closing_fence(fence: Token) -> str:
    return f" {{0,3}}{fence.markup[0]}{{{len(fence.markup)},}}[ \\t]*"


_LISTS = ("bullet_list_open", "ordered_list_open")


def _items(block: Block) -> list[list[Token]]:
    return list(_groups(block.tokens[1:-1], level=1))


def _first_line(item: list[Token]) -> int:
    return item[0].map[0] if item[0].map else 0


def _offset(lines: list[str], number: int) -> int:
    return sum(len(line) + 1 for line in lines[:number])


def _close_inline(tokens: list[Token]) -> None:
    """Half-written emphasis, code or a link at the very end is shown as what it will become."""
    for token in reversed(tokens):
        if token.type == "inline":
            token.content = _closed_inline(token.content)
        if token.nesting >= 0:
            return


def _closed_inline(text: str) -> str:
    if text.count("`") % 2:
        return text.removesuffix("`") if text.endswith("`") else text + "`"
    if re.search(r"\[[^][]*\]\([^()\s]*\Z", text):
        text += ")"
    if not _leaves_bold_open(text):
        return text
    without_stars = text.rstrip("*")  # these opened it, or begin to close it
    return without_stars + "**" if _leaves_bold_open(without_stars) else without_stars


def _leaves_bold_open(text: str) -> bool:
    return re.sub(r"`[^`]*`", "", text).count("**") % 2 == 1
