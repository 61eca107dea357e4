import random
import re

import pytest

from conversations.markdown import BlockStream, render
from tests.conversations.markdown_page import Page, pieces, text_of

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
