"""A block of code as a figure: its language, a button that copies it, and its lines in colours."""

import re

from django.utils.html import escape
from django.utils.translation import gettext as _
from markdown_it.token import Token

from conversations.markdown import highlighting


def code_block(source: str, language: str) -> str:
    lines = highlighting.highlighted_lines(source.removesuffix("\n"), language)
    return figure('<code class="highlight">' + "\n".join(lines) + "</code>", language)


def figure(code: str, language: str) -> str:
    name = escape(language or "text")
    return (
        f'<figure class="code" data-language="{name}"><figcaption><span>{name}</span>'
        f'<button type="button" class="copy" data-copy>{escape(_("Copy"))}</button></figcaption>'
        f'<pre tabindex="0">{code}</pre></figure>\n'
    )


def language_of(fence: Token) -> str:
    return re.sub(r"[^\w+#.-].*", "", fence.info.strip(), flags=re.DOTALL)[:30]
