import pytest

from conversations.markdown import render
from tests.conversations.markdown_page import read, text_of


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
        '<pre tabindex="0"><code class="highlight">x = <span class="mi">1</span></code></pre>'
        "</figure>\n"
    )


def test_code_of_an_unknown_language_is_plain() -> None:
    html = render("```nonsense\na < b\n```\n\n    c > d")
    assert html.count("<figure") == 2
    assert '<code class="highlight">a &lt; b</code>' in html
    assert 'data-language="text"' in html
