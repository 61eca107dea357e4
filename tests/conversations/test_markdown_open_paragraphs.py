import random
import re
from collections.abc import Iterator

import pytest

from conversations.markdown import BlockStream, open_paragraphs, render
from tests.conversations.markdown_page import Page, pieces, text_of

PROSE = "There is some text with words in it, and it goes on for a while. " * 4
PARTS = [
    *["word", "two words", "5 * 3", "2*3", "snake_case", "it costs $5", "$5 and $6", "a ~ b", "~~"],
    *[
        "**bold**",
        "**bold words**",
        "*it*",
        "_it_",
        "__b__",
        "***both***",
        "**a *b** c*",
        "*",
        "**",
    ],
    *[
        "`code`",
        "`two words`",
        "``a ` b``",
        "`",
        "``",
        "[a](https://b.c)",
        "[two words](https://b.c)",
    ],
    *[
        "[a **b](https://b.c) c**",
        "[",
        "]",
        "[1]",
        "![i](https://b.c)",
        "https://b.c/a_b*c",
        "](x)",
    ],
    *["$x$", "$x + y$", r"\(x + y\)", r"\(", r"\)", r"\*", "\\", "$$x y$$", "$$", "$", "~~a b~~"],
    *[
        "<https://b.c>",
        "<",
        "&amp;",
        "&",
        "!",
        "中文，",
        "“quoted”",
        "(in brackets)",
        "https://b.c。",
    ],
]


def paragraphs() -> Iterator[str]:
    for seed in range(150):
        rng = random.Random(seed)
        ends = ["", " ", " ", " ", ", "]
        yield "So it is: " + "".join(rng.choice(PARTS) + rng.choice(ends) for _ in range(25))


def test_what_has_grown_is_how_the_whole_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_paragraphs, "LONG_CHARS", 10)
    for seed, text in enumerate(paragraphs()):
        whole = render(text)
        page, stream = Page(), BlockStream()
        for piece in pieces(text, 9, seed):
            page.apply(stream.feed(piece))
            for grown in re.findall(
                '<p><span class="grown">(.*)</span><span class="last">', page.open
            ):
                assert whole.startswith(f"<p>{grown.rstrip()}"), repr(text)


def test_of_a_long_one_only_what_is_new_is_sent() -> None:
    stream = BlockStream()
    page = Page()
    page.apply(stream.feed(PROSE))
    frame = stream.feed("And **this is ")
    page.apply(frame)

    assert (frame.open, frame.grown) == (None, "And ")
    assert frame.last == "<strong>this is</strong>"
    assert text_of(page.open).strip() == PROSE + "And this is"


def test_another_line_draws_it_anew() -> None:
    stream = BlockStream()
    stream.feed(PROSE)

    assert "<br>" in (stream.feed("\nmore").open or "")
    assert stream.feed("\n---\n").closed.startswith("<h4>")


@pytest.mark.parametrize("beginning", ["- ", "1. ", "> ", "    ", "$$ ", r"\[ ", "[a]: "])
def test_what_may_become_something_else_is_not_taken_for_one(beginning: str) -> None:
    assert "grown" not in (BlockStream().feed(beginning + PROSE).open or "")
