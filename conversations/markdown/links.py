"""Bare addresses are links, and so are images."""

import re

from django.utils.html import escape
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as image_rule
from markdown_it.token import Token

from conversations.markdown.plain_text import plain_text

_URL = re.compile(r"""://[^\s<>"`|«»\u2018-\u201f\u3000-\u303f\uff00-\uffef]{1,2000}""")


def bare_url(state: StateInline, silent: bool) -> bool:
    """`https://…` as it stands. `silent` looks for the end of a link's label, where none counts."""
    scheme = re.search(r"(?<![A-Za-z0-9])https?\Z", state.pending[-6:], re.IGNORECASE)
    found = _URL.match(state.src, state.pos, state.posMax)
    if silent or state.linkLevel or not scheme or not found:
        return False
    rest = _without_punctuation(found[0])
    if len(rest) <= len("://"):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    opening = state.push("link_open", "a", 1)
    opening.markup = "linkify"  # as the parser's own rule for such addresses has it
    opening.attrs = {"href": state.md.normalizeLink(scheme[0] + rest)}
    state.push("text", "", 0).content = scheme[0] + rest
    state.push("link_close", "a", -1)
    state.pos += len(rest)
    return True


def _without_punctuation(url: str) -> str:
    """What ends a sentence, or emphasis or a bracket around the address, is not part of it."""
    while url[-1] in "?!.,:;*_~'\"]" or (url[-1] == ")" and url.count(")") > url.count("(")):
        url = url[:-1]
    return url


def image(state: StateInline, silent: bool) -> bool:
    found = image_rule(state, silent)
    if found and not silent:
        state.tokens[-1].meta["in_link"] = state.linkLevel > 0
    return found


def link_to_image(token: Token) -> str:
    """The reader's browser asks another host for nothing by itself."""
    source = str(token.attrs["src"])
    label = escape(plain_text(token.children) or source)
    return label if token.meta["in_link"] else f'<a href="{escape(source)}">{label}</a>'
