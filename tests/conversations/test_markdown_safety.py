import random
import re
import string

import pytest

from conversations.markdown import BlockStream, plain_text_title, render
from conversations.markdown.sanitizing import HTML_TAGS, MATHML_TAGS, clean
from tests.conversations.markdown_page import Page, pieces, read, text_of


def assert_harmless(html: str) -> None:
    for tag, attributes in read(html).elements:
        assert tag in HTML_TAGS | MATHML_TAGS
        assert not [
            name for name in attributes if name.startswith("on") or name in ("style", "src")
        ]
        assert re.match(r"https?:|mailto:", attributes.get("href") or "https:")
    assert clean(html) == html, "a second parse makes something else of it"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=alert(1)>b</b>",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<svg><script>alert(1)</script></svg>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java&#10;script:alert(1))",
        "[a](&#x6a;avascript:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>)",
        "[a](data:image/png;base64,AAAA)",
        "![a](data:image/svg+xml,<svg/onload=alert(1)>)",
        "[a](vbscript:a) [b](file:///etc/passwd) [c](//evil.example) [d](/logout)",
        "<javascript:alert(1)>",
        "[a]: javascript:alert(1)\n\n[a]",
        '[a](https://b "c\\" onmouseover=\\"alert(1)")',
        "[<img src=x onerror=alert(1)>](https://a.b)",
        '![" onerror="alert(1)](https://a.b)',
        'https://a.b/"onmouseover="alert(1)',
        '```"><script>alert(1)</script>\nx\n```',
        '```py" onclick="alert(1)\nx\n```',
        "```html\n</code></pre><script>alert(1)</script>\n```",
        "~~~&quot;&gt;&lt;script&gt;\nx\n~~~",
        "`</code><script>alert(1)</script>`",
        "|<img src=x onerror=alert(1)>|\n|-|\n|<script>|",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\text{<img src=x onerror=alert(1)>}$",
        r"$\text{</mtext></math><script>alert(1)</script>}$",
        r"$\text{&lt;script&gt;}$",
        r"$\style{background:url(javascript:alert(1))}{x}$",
        r"$\class{copy}{x}$",
        r"$\unicode{x3c}script$",
        r'$\color{red" onclick="alert(1)}{x}$',
        r"$\hspace{1em\" onclick=\"alert(1)}x$",
        r"$</math><script>alert(1)</script>$",
        r"$\frac{</code><script>alert(1)</script>$",
        "\0<scr\0ipt>alert(1)</script>\0",
        "<!--<script>-->alert(1)",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<a href='javascript:alert(1)'>x",
        "**<details open ontoggle=alert(1)>",
    ],
)
def test_hostile_text_is_harmless(text: str) -> None:
    assert_harmless(render(text))
    page = Page()
    stream = BlockStream()
    for piece in text:
        page.apply(stream.feed(piece))
        assert_harmless(page.open)


def test_raw_html_is_shown_as_it_is_written() -> None:
    assert text_of(render("a <b>c</b> <script>d</script>")) == "a <b>c</b> <script>d</script>\n"
    assert text_of(render(r"$\text{<b>}$")) == "<b>\n"


def test_characters_that_no_text_should_have_are_replaced() -> None:
    assert render("a\0b\ud800c") == "<p>a\ufffdb\ufffdc</p>\n"


def test_any_text_can_be_rendered_and_streamed() -> None:
    rng = random.Random(1)
    signs = "*_`~[]()<>!#$\\|-+=:.&;\"' \t\n\r\0\u2028\ufeff\ud800😀aé1{}^%/"
    for _ in range(300):
        alphabet = rng.choice([signs, signs, string.printable, "".join(map(chr, range(0x300)))])
        text = "".join(rng.choices(alphabet, k=rng.randint(1, 120)))
        assert_harmless(render(text))
        assert plain_text_title(text)
        stream = BlockStream()
        for piece in pieces(text, 20):
            stream.feed(piece)
        stream.finish()
