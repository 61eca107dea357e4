import pytest

from conversations.prompts.differences import MOST_LINES, Line, differences


def shown(before: str, after: str) -> list[str]:
    marks = {"same": " ", "added": "+", "removed": "-", "skipped": "…"}
    return [marks[line.kind] + line.text for line in differences(before, after)]


def test_equal_texts_have_none() -> None:
    assert differences("a\nb", "a\nb") == []


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a", "b", ["-a", "+b"]),
        ("a\nb", "a\nb\nc", [" a", " b", "+c"]),
        ("a\nb\nc", "a\nc", [" a", "-b", " c"]),
        ("", "a", ["-", "+a"]),
        ("a\nx\nb\ny", "a\nz\nb\ny\nw", [" a", "-x", "+z", " b", " y", "+w"]),
    ],
)
def test_lines_that_came_and_went(before: str, after: str, lines: list[str]) -> None:
    assert shown(before, after) == lines


def test_of_what_stayed_only_the_neighbours_are_shown() -> None:
    text = "1\n2\n3\n4\n5\n6\n7\n8\n9"

    lines = shown(text, text.replace("5", "five"))

    assert lines == ["…", " 3", " 4", "-5", "+five", " 6", " 7", "…"]


def test_very_long_texts_are_not_compared_line_by_line() -> None:
    before = "\n".join(["a", *"xy" * MOST_LINES, "b"])
    after = "\n".join(["a", *"yz" * MOST_LINES, "b"])

    lines = differences(before, after)

    assert lines[0] == Line("same", "a")
    assert lines[-1] == Line("same", "b")
    assert [line.kind for line in lines].count("removed") == 2 * MOST_LINES
