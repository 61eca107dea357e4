import pytest

from conversations.markdown import render
from tests.conversations.markdown_page import text_of


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
