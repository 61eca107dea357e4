import pytest

from conversations.markdown import plain_text_title


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
