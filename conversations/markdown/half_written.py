"""Inline markup that is still being written, shown as what it will become."""

import re

from markdown_it.token import Token


def close_inline(tokens: list[Token]) -> None:
    """Half-written emphasis, code or a link at the very end is shown as what it will become."""
    for token in reversed(tokens):
        if token.type == "inline":
            token.content = closed_inline(token.content)
        if token.nesting >= 0:
            return


def closed_inline(text: str) -> str:
    """A text that ends where it is being written."""
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
