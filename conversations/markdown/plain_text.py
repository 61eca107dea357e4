"""What inline Markdown says without its markup."""

from markdown_it.token import Token


def plain_text(tokens: list[Token] | None) -> str:
    return "".join(map(_text_of, tokens or []))


def _text_of(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return plain_text(token.children) if token.children else token.content
