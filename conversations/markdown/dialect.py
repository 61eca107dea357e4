"""The parser: CommonMark, the rules it lacks, and how their tokens are drawn."""

from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.token import Token

from conversations.markdown import code_blocks, links, maths, tables

MAX_NESTING = 20
"""Blocks with lists (which count twice) and quotes this deep are shown as they are."""


def _heading(token: Token) -> str:
    """The page has a first and a second level of its own."""
    return f"h{min(int(token.tag[1]) + 2, 6)}"


_DRAW: dict[str, Callable[[Token], str]] = {
    "code_block": lambda token: code_blocks.code_block(token.content, ""),
    "fence": lambda token: code_blocks.code_block(token.content, code_blocks.language_of(token)),
    "heading_close": lambda token: f"</{_heading(token)}>\n",
    "heading_open": lambda token: f"<{_heading(token)}>",
    "image": links.link_to_image,
    "maths": lambda token: maths.formula(token.content, token.info),
    "maths_block": lambda token: maths.display_formula(token.content),
    "table_close": lambda token: "</table></div>\n",
    "table_open": lambda token: '<div class="table-scroll" tabindex="0"><table>\n',
    "td_open": tables.cell,
    "th_open": tables.cell,
}


def _put_together() -> MarkdownIt:
    options = {"html": False, "breaks": True, "tasklists": True, "maxNesting": MAX_NESTING}
    md = MarkdownIt("commonmark", options).enable(["strikethrough", "table"])
    interrupts = RuleOptionsType(alt=["paragraph", "reference", "blockquote", "list"])
    md.block.ruler.before("fence", "maths", maths.block_maths, interrupts)
    md.block.ruler.at("table", tables.table, RuleOptionsType(alt=["paragraph", "reference"]))
    md.inline.ruler.before("escape", "maths", maths.inline_maths)
    md.inline.ruler.at("image", links.image)
    md.inline.ruler.push("bare_url", links.bare_url)
    for name, draw in _DRAW.items():
        md.add_render_rule(name, _rule(draw))
    return md


def _rule(draw: Callable[[Token], str]) -> Callable[..., str]:
    return lambda renderer, tokens, index, options, env: draw(tokens[index])


parser = _put_together()
