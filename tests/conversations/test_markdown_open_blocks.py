import pytest

from conversations.markdown import BlockStream, render
from tests.conversations.markdown_page import frames, text_of


def opened(text: str) -> str:
    """The open area after all of `text` came at once."""
    return BlockStream().feed(text).open or ""


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
