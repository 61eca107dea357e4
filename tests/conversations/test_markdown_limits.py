import time

import pytest

from conversations.markdown import render
from conversations.markdown.rendering import MAX_CHARS
from tests.conversations.markdown_page import text_of


def test_blocks_nested_too_deep_are_shown_as_they_are() -> None:
    html = render("**before**\n\n" + "> " * 30 + "deep\n\n**between**\n\n" + "- " * 30 + "deep")
    assert text_of(html).count("deep") == 2, "the parser drops what is too deep"
    assert html.count("<strong>") == 2


def test_a_text_of_unreasonable_length_is_shown_as_it_is() -> None:
    html = render("**a** <b>\nc\n\nd" + " " * MAX_CHARS)
    assert html.startswith("<p>**a** &lt;b&gt;<br>c</p>\n\n<p>d")


def test_an_endless_line_of_code_is_not_highlighted() -> None:
    assert "<span class" not in render("```python\nx = " + "1 + " * 300 + "\n```").split("<pre ")[1]


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
