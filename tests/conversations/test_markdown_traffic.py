from collections.abc import Callable
from typing import Any

import pytest

from conversations.markdown import highlighting, parsing
from tests.conversations.markdown_page import frames


def long_code(lines: int) -> str:
    return "```python\n" + "def f(x): return x + 1  # one more\n" * lines + "```\n\nEnd"


def long_list(items: int) -> str:
    return "1. **An item** with some words in it, and `code`\n" * items + "\nEnd"


def long_table(rows: int) -> str:
    return "| a | b |\n|--|--|\n" + "| some text | and more text |\n" * rows + "\nEnd"


def long_paragraph(words: int) -> str:
    return "word " * words * 4


@pytest.mark.parametrize(
    ("make", "share"), [(long_code, 15), (long_list, 10), (long_table, 90), (long_paragraph, 2)]
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

    for module, name in ((parsing, "blocks"), (highlighting, "highlighted_lines")):
        monkeypatch.setattr(module, name, counted(getattr(module, name)))
    text = make(400)
    sent = 0
    for frame in frames(text):
        parts = (frame.closed, frame.open or "", frame.grown, frame.last or "")
        sent += sum(len(part.encode()) for part in parts)
    assert sent < share * len(text)
    assert read_chars < 60 * len(text)
