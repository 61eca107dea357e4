import random
import re
import string
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from conversations import markdown
from conversations.markdown import BlockStream, Frame, plain_text_title, render

PYTHON_ANSWER = r'''# Reading a large file

**Iterate over it line by line**: Python's files are lazy, so only *one line* is in memory.
See https://docs.python.org/3/ or [the tutorial](https://docs.python.org/3/tutorial/).

## The simple way

```python
def count_errors(path: Path) -> int:
    """Count the lines that mention an error.

    The file may be larger than memory.
    """
    with path.open() as lines:
        return sum("ERROR" in line for line in lines)
```

A few things to note:

1. **`with` closes the file** for you.
2. The loop variable holds one line; use `line.rstrip("\n")` when that matters:
   ```python
   line = line.rstrip("\n")
   ```
   - On Windows, text mode turns `\r\n` into `\n`.
   - In binary mode nothing is translated.
3. That is all.

| Approach | Memory |
|:--|--:|
| `for line in file` | one line |
| `file.read()` | all of it |

> **Tip:** measure before you optimise.
> It is worth it.

---

- [x] read
- [ ] write

* another list

  with space

Done!
'''
MATHS_ANSWER = r"""The sum of the first $n$ numbers is

$$
\sum_{i=1}^{n} i
= \frac{n(n+1)}{2}
$$

which grows like \(O(n^2)\). For $5 and $10 that means
\[
5 + 10
- 0
= 15
\]

1) one
2) two
10) three

Setext
------

    indented = code

Last line
with a break"""
ANSWERS = [PYTHON_ANSWER, MATHS_ANSWER, "", "\n\n", "Hello", "```\nnever closed\n\n- x"]


class Page:
    """What a browser shows when it applies the frames."""

    def __init__(self) -> None:
        self.closed = ""
        self.open = ""

    def apply(self, frame: Frame) -> None:
        self.closed += frame.closed
        if frame.open is not None:
            assert not frame.grown and frame.last is None
            self.open = frame.open
        elif frame.grown or frame.last is not None:
            slots = re.fullmatch(
                r'(.*?<(ol|ul|code) class="(?:highlight )?grown".*)'
                r'(</\2><\2 class="(?:highlight )?last">)(.*)(</\2>.*)',
                self.open,
                re.DOTALL,
            )
            assert slots
            before, _, between, last, after = slots.groups()
            last = last if frame.last is None else frame.last
            self.open = before + frame.grown + between + last + after

    @property
    def text(self) -> str:
        return text_of(self.closed + self.open)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def text_of(html: str) -> str:
    return read(html).text


def assert_harmless(html: str) -> None:
    for tag, attributes in read(html).elements:
        assert tag in markdown._HTML_TAGS | markdown._MATHML_TAGS
        assert not [
            name for name in attributes if name.startswith("on") or name in ("style", "src")
        ]
        assert re.match(r"https?:|mailto:", attributes.get("href") or "https:")
    assert markdown._clean(html) == html, "a second parse makes something else of it"


def pieces(text: str, size: int, seed: int = 0) -> Iterator[str]:
    rng = random.Random(seed)
    while text:
        length = rng.randint(1, size)
        yield text[:length]
        text = text[length:]


def frames(text: str, size: int = 40) -> list[Frame]:
    stream = BlockStream()
    return [stream.feed(text[start : start + size]) for start in range(0, len(text), size)]


def opened(text: str) -> str:
    """The open area after all of `text` came at once."""
    return BlockStream().feed(text).open or ""


# --- Syntax


def test_a_single_newline_breaks_the_line() -> None:
    assert render("one\ntwo") == "<p>one<br>\ntwo</p>\n"


def test_headings_begin_below_those_of_the_page() -> None:
    html = render("# a\n## b\n##### c\n\nd\n===\n")
    assert [tag for tag, _ in read(html).elements] == ["h3", "h4", "h6", "h3"]


def test_a_wide_table_scrolls_and_aligns_without_inline_styles() -> None:
    html = render("|a|b|c|\n|:-|-:|:-:|\n|1|2|3|\n")
    assert html.startswith('<div class="table-scroll" tabindex="0"><table>')
    assert '<td class="left">1</td>\n<td class="right">2</td>\n<td class="center">3</td>' in html
    assert "style" not in html


def test_strikethrough() -> None:
    assert "<s>gone</s>" in render("~~gone~~")


def test_a_task_list_has_checkboxes_that_cannot_be_changed() -> None:
    boxes = [
        attributes
        for tag, attributes in read(render("- [ ] a\n- [x] b")).elements
        if tag == "input"
    ]
    assert ["checked" in box for box in boxes] == [False, True]
    assert all("disabled" in box and box["type"] == "checkbox" for box in boxes)


def test_links_open_elsewhere_and_give_nothing_away() -> None:
    assert render('[a](https://b.c "d")') == (
        '<p><a href="https://b.c" title="d" target="_blank" rel="nofollow noopener noreferrer">'
        "a</a></p>\n"
    )


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.b/c?d=e#f.", "https://a.b/c?d=e#f"),
        ("(http://a.b/c_(d))", "http://a.b/c_(d)"),
        ("**https://a.b**", "https://a.b"),
        ("“https://a.b”", "https://a.b"),
        ("在https://a.b。好", "https://a.b"),
    ],
)
def test_a_bare_address_is_a_link(text: str, address: str) -> None:
    links = [attributes["href"] for tag, attributes in read(render(text)).elements if tag == "a"]
    assert links == [address]


@pytest.mark.parametrize(
    "text", ["www.a.b", "ftp://a.b", "a@b.c", "xhttp://a", "https://", "`https://a.b`"]
)
def test_other_addresses_are_text(text: str) -> None:
    assert "<a" not in render(text)


def test_an_image_is_a_link_as_the_page_asks_no_other_host() -> None:
    assert text_of(render("![a *cat*](https://a.b/c.png)")) == "a cat\n"
    assert 'href="https://a.b/c.png"' in render("![](https://a.b/c.png)")
    assert [tag for tag, _ in read(render("[![a](https://b.c)](https://d.e)")).elements] == [
        "p",
        "a",
    ]


def test_a_code_block_is_a_figure_with_its_language_and_a_button() -> None:
    assert render("```python\nx = 1\n```") == (
        '<figure class="code" data-language="python"><figcaption><span>python</span>'
        '<button type="button" class="copy" data-copy="">Copy</button></figcaption>'
        '<pre><code class="highlight">x = <span class="mi">1</span></code></pre></figure>\n'
    )


def test_code_of_an_unknown_language_is_plain() -> None:
    html = render("```nonsense\na < b\n```\n\n    c > d")
    assert html.count("<figure") == 2
    assert '<code class="highlight">a &lt; b</code>' in html
    assert 'data-language="text"' in html


# --- Maths


@pytest.mark.parametrize(
    "text", ["$x^2$", r"\(x^2\)", r"is $x$.", "其中$x$是", "$5 < x$", "$5$", "**$x$**"]
)
def test_inline_maths_is_mathml(text: str) -> None:
    assert '<math display="inline">' in render(text)


@pytest.mark.parametrize(
    "text", ["$$x$$", "$$\nx\n$$", r"\[x\]", "\\[\nx\n- y\n\\]", "a\n$$\nx\n$$\nb", "so $$x$$."]
)
def test_display_maths_is_mathml(text: str) -> None:
    html = render(text)
    assert '<math display="block">' in html
    assert "$" not in text_of(html) and "<li>" not in html


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $10",
        "$5, or 6$",
        "US$5/US$6",
        "$5-$10",
        "set $HOME/$USER",
        "$a and b$c",
        r"\$x\$",
        "`$x$`",
        "$ x $",
        "$$ and $",
        r"\( open",
        "$$\nx\n\n$$",
    ],
)
def test_prices_and_variables_are_not_maths(text: str) -> None:
    assert "<math" not in render(text)


@pytest.mark.parametrize("environment", ["aligned", "align*", "gather", "pmatrix", "cases"])
def test_maths_of_several_lines_is_a_table(environment: str) -> None:
    html = render(f"$$\n\\begin{{{environment}}}\na &= b \\\\\nc &= d\n\\end{{{environment}}}\n$$")
    assert html.count("<mtr>") == 2
    assert "&amp;" not in html


def test_maths_that_cannot_be_converted_shows_its_source() -> None:
    assert render(r"$\frac{$") == "<p><code>\\frac{</code></p>\n"


def test_macros_are_not_expanded() -> None:
    doubling = "".join(
        rf"\def\{b}{{\{a}\{a}}}" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
    )
    assert "<code>" in render(f"${doubling}\\k$")


# --- Safety


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


# --- Limits


def test_blocks_nested_too_deep_are_shown_as_they_are() -> None:
    html = render("**before**\n\n" + "> " * 30 + "deep\n\n**between**\n\n" + "- " * 30 + "deep")
    assert text_of(html).count("deep") == 2, "the parser drops what is too deep"
    assert html.count("<strong>") == 2


def test_a_text_of_unreasonable_length_is_shown_as_it_is() -> None:
    html = render("**a** <b>\nc\n\nd" + " " * markdown.MAX_CHARS)
    assert html.startswith("<p>**a** &lt;b&gt;<br>c</p>\n\n<p>d")


def test_an_endless_line_of_code_is_not_highlighted() -> None:
    assert "<span class" not in render("```python\nx = " + "1 + " * 300 + "\n```").split("<pre>")[1]


SIZE = 20_000


@pytest.fixture(scope="module")
def ordinary_seconds() -> float:
    return seconds("Some **bold** text, `code`, a [link](https://a.b).\n\n- one\n- two\n\n")


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "![",
        "[*",
        "[a](",
        "*",
        "*a_",
        "`a",
        "<",
        "$",
        "$a",
        "$$a\n",
        "\\[",
        "\\(a",
        ">",
        "- ",
        "- a\n",
        "a|b\n",
        "https://a)",
        "&",
        "a\n=\n",
        "> " * 8 + "a\n" + "b\n" * SIZE,
        "- > " * 8 + "a\n" + "b\n" * SIZE,
        "".join("  " * depth + "- a\n" for depth in range(150)),
        "|" + "a|" * 250 + "\n|" + "-|" * 250 + "\n" + "a\n" * 250 + "\n",
        "|" + "a|" * 20 + "\n|" + "-|" * 20 + "\n" + "a\n" * 20 + "\n",
        "```c\n" + "\n a" * SIZE,
        "```csharp\n" + "a\n" * SIZE,
        "$" + "{" * 1900 + "}" * 1900 + "$\n",
        "$" + r"\frac{" * 600 + "$\n",
    ],
)
def test_hostile_text_takes_no_more_than_its_share_of_time(
    unit: str, ordinary_seconds: float
) -> None:
    """Quadratic growth costs thousands of times as much as ordinary text of this length."""
    assert seconds(unit) < 60 * ordinary_seconds


def seconds(unit: str) -> float:
    text = (unit * (SIZE // len(unit) + 1))[:SIZE]
    start = time.process_time()
    html = render(text)
    assert len(html) < 40 * len(text)
    return time.process_time() - start


# --- Titles


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("\n\n  How **do** I `sort`\na list?", "How do I sort"),
        ("# A [link](https://a.b) and $x^2$", "A link and x^2"),
        ("- [ ] buy   milk\n- eggs", "buy milk"),
        ("> quoted", "quoted"),
        ("---\n***\n...\ntext", "text"),
        ("```python\nimport os\n```\nWhat is this?", "What is this?"),
        ("```python\n\nimport os\n```", "import os"),
        ("![a cat](https://a.b/c.png)", "a cat"),
        ("<b>raw</b>", "<b>raw</b>"),
        ("", "New chat"),
        (" \n---\n!?", "New chat"),
    ],
)
def test_the_title_is_the_first_line_that_says_something(text: str, title: str) -> None:
    assert plain_text_title(text) == title


def test_a_long_title_is_cut_at_a_word() -> None:
    assert plain_text_title("one two three, four", limit=16) == "one two three…"
    assert plain_text_title("a" * 100, limit=10) == "a" * 9 + "…"
    assert len(plain_text_title("word " * 100)) <= 60


# --- Streams


@pytest.mark.parametrize("size", [1, 7, 40, 5000])
@pytest.mark.parametrize("text", ANSWERS)
def test_the_closed_blocks_become_the_whole_answer(text: str, size: int) -> None:
    whole = render(text)
    page = Page()
    stream = BlockStream()
    for piece in pieces(text, size):
        page.apply(stream.feed(piece))
        assert whole.startswith(page.closed), "a closed block never changes"
    page.apply(stream.finish())
    assert (page.closed, page.open) == (whole, "")


def test_any_mixture_of_blocks_becomes_the_whole_answer() -> None:
    parts = [
        *["# H", "text **b** `c`", "- item", "-", "  - nested", "1. one", "1", "1.", "10. ten"],
        *["* star", "> quote", ">", "```", "```python", "~~~", "- ```", "    code", "\tcode", ""],
        *[
            "---",
            "===",
            "***",
            "- - -",
            "$$",
            "\\[",
            "\\]",
            "$$a$$ and",
            "  two",
            "- [ ] t",
            "1) p",
        ],
        *["**", "a  ", "|a|b|", "|-|-|", "a|b", "-|-"],
    ]
    for seed in range(300):
        rng = random.Random(seed)
        ends = ["\n", "\n", "\n\n", " ", ""]
        text = "".join(rng.choice(parts) + rng.choice(ends) for _ in range(rng.randint(1, 12)))
        page = Page()
        stream = BlockStream()
        for piece in pieces(text, rng.choice([1, 3, 20]), seed):
            page.apply(stream.feed(piece))
        page.apply(stream.finish())
        assert page.closed == render(text), repr(text)


def test_what_is_written_is_on_the_page_at_once() -> None:
    page = Page()
    stream = BlockStream()
    written = ""
    for piece in pieces(PYTHON_ANSWER, 40):
        written += piece
        page.apply(stream.feed(piece))
        words = re.findall(r"\w{3,}", written.rpartition(" ")[0].rpartition("](")[0])
        missing = {word for word in words if word not in page.text}
        assert missing <= {"python"}, "but a language is in an attribute, too"


def test_nothing_new_changes_nothing() -> None:
    stream = BlockStream()
    assert not stream.feed("")
    assert stream.feed("a")
    assert not stream.feed("")


def test_windows_line_ends_may_be_cut_in_two() -> None:
    page = Page()
    stream = BlockStream()
    for character in "a\r\nb\r\n\r\nc\r":
        page.apply(stream.feed(character))
    page.apply(stream.finish())
    assert page.closed == render("a\nb\n\nc\n")


def test_a_link_finds_its_definition_in_what_came_before() -> None:
    page = Page()
    stream = BlockStream()
    for piece in ["[a]: https://b.c\n\n", "Text.\n\n", "A [link][a].\n\n"]:
        page.apply(stream.feed(piece))
    assert 'href="https://b.c"' in page.closed


@pytest.mark.parametrize(
    "text",
    [
        "a paragraph",
        "a paragraph\n",
        "# A headin",
        "- item\n\n",
        "- item\n\n1",
        "- item\n\n- -",
        "1. one\n\n2",
        "a|b\n-|-\n1|2\n",
        "> quote\n",
        "```\ncode\n\nmore\n",
        "    code\n\n",
        "$$\nx\n- y\n",
    ],
)
def test_a_block_stays_open_while_it_may_go_on(text: str) -> None:
    assert BlockStream().feed(text).closed == ""


@pytest.mark.parametrize(
    "text",
    [
        "a\n\n",
        "# A\n",
        "---\n",
        "a|b\n-|-\n\n",
        "> a\n\n",
        "```\na\n```\n",
        "$$\nx\n$$\n",
        "- a\n\nb",
        "    a\n\nb",
    ],
)
def test_a_block_closes_as_soon_as_it_has_certainly_ended(text: str) -> None:
    frame = BlockStream().feed(text)
    assert frame.closed
    assert text_of(frame.open or "") == ("b\n" if text.endswith("b") else "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a **bold", "<p>a <strong>bold</strong></p>"),
        ("a **bold*", "<p>a <strong>bold</strong></p>"),
        ("a **", "<p>a </p>"),
        ("a `co", "<p>a <code>co</code></p>"),
        ("a `", "<p>a </p>"),
        ("- a\n- b `c", "<li>b <code>c</code></li>"),
        ("see [the do", "<p>see [the do</p>"),
        ("x = $a^", "<p>x = $a^</p>"),
        ("$$\na_1\n", "<p>$$<br>\na_1</p>"),
    ],
)
def test_half_written_syntax_does_not_flicker(text: str, shown: str) -> None:
    assert shown in opened(text)


def test_half_a_link_is_a_link_already() -> None:
    assert text_of(opened("see [the docs](https://exa")) == "see the docs\n"


def test_an_open_code_block_is_shown_at_once_and_grows_by_lines() -> None:
    stream = BlockStream()
    assert '<figure class="code" data-language="py">' in (stream.feed("```py").open or "")
    begun = stream.feed("thon\nimport os\nx").open or ""
    assert '<span class="kn">import</span>' in begun
    assert begun.endswith('<code class="highlight last">x</code></pre></figure>\n')
    frame = stream.feed(" = 1\nprint(x")
    assert frame.open is None
    assert text_of(frame.grown) == "x = 1\n"
    assert text_of(frame.last or "") == "print(x"


def test_a_closing_fence_is_never_shown_as_code() -> None:
    stream = BlockStream()
    stream.feed("```\na\n")
    assert stream.feed("``").last == ""
    frame = stream.feed("`\n")
    assert (frame.closed, frame.open) == (render("```\na\n```"), "")


def test_a_string_of_many_lines_keeps_its_colour_while_it_grows() -> None:
    code = "def f():\n" + '    """Text.\n\n' + "    if text is long, it is not code\n" * 5
    grown = "".join(frame.grown for frame in frames("```python\n" + code))
    assert "if text is long" in text_of(grown)
    assert 'class="k"' not in grown


def test_an_open_list_grows_by_items_that_keep_their_numbers() -> None:
    stream = BlockStream()
    assert stream.feed("3. a\n4. b").open == (
        '<ol class="grown" start="3"><li>a</li>\n</ol><ol class="last"><li value="4">b</li>\n</ol>'
    )
    frame = stream.feed("\n5. c")
    assert (frame.open, frame.grown, frame.last) == (
        None,
        "<li>b</li>\n",
        '<li value="5">c</li>\n',
    )
    frame = stream.feed("\n\nEnd")
    assert frame.closed == render("3. a\n4. b\n5. c")
    assert frame.open == "<p>End</p>\n"


def long_code(lines: int) -> str:
    return "```python\n" + "def f(x): return x + 1  # one more\n" * lines + "```\n\nEnd"


def long_list(items: int) -> str:
    return "1. **An item** with some words in it, and `code`\n" * items + "\nEnd"


def long_table(rows: int) -> str:
    return "| a | b |\n|--|--|\n" + "| some text | and more text |\n" * rows + "\nEnd"


def long_paragraph(words: int) -> str:
    return "word " * words * 4


@pytest.mark.parametrize(
    ("make", "share"), [(long_code, 15), (long_list, 10), (long_table, 90), (long_paragraph, 90)]
)
def test_traffic_and_work_grow_with_the_text_and_not_with_its_square(
    make: Callable[[int], str], share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At this length each byte would be sent, and each character read, several hundred times."""
    read_chars = 0

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def count(text: str, *rest: Any) -> Any:
            nonlocal read_chars
            read_chars += len(text)
            return original(text, *rest)

        return count

    for name in ("_blocks", "_highlighted_lines"):
        monkeypatch.setattr(markdown, name, counted(getattr(markdown, name)))
    text = make(400)
    sent = 0
    for frame in frames(text):
        parts = (frame.closed, frame.open or "", frame.grown, frame.last or "")
        sent += sum(len(part.encode()) for part in parts)
    assert sent < share * len(text)
    assert read_chars < 60 * len(text)
