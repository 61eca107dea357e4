import pytest

from conversations.prompts.variables import Variable, fill, missing, parts, variables_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello", []),
        ("{{name}}", [Variable("name")]),
        ("{{ name }} and {{name}}", [Variable("name")]),
        ("{{b}} {{a}}", [Variable("b"), Variable("a")]),
        ("{{a-1_b|x y}}", [Variable("a-1_b", "x y")]),
        ("{{a}} {{a| later }}", [Variable("a", "later")]),
        ("{{größe}}", [Variable("größe")]),
        ("{a} {{a b}} {{}} {{a.b}} {{a|{}}} {{a\n}}", []),
        ("{{{a}}}", [Variable("a")]),
        ("{{" + "a" * 51 + "}}", []),
    ],
)
def test_which_variables_a_text_has(text: str, found: list[Variable]) -> None:
    assert variables_of(text) == found


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("Hello {{name}}!", {"name": "Ada"}, "Hello Ada!"),
        ("{{a}}{{a}}", {"a": "x"}, "xx"),
        ("{{a|one}} {{b|two}}", {"b": "three"}, "one three"),
        ("{{a}} {{b}}", {"b": ""}, "{{a}} {{b}}"),
        ("{{a}}", {"a": "{{b}}", "b": "never"}, "{{b}}"),
        ("{{a}}", {"a": r"\1 \g<name>"}, r"\1 \g<name>"),
        ("{{ a }}", {}, "{{ a }}"),
    ],
)
def test_they_are_filled_in_once(text: str, values: dict[str, str], filled: str) -> None:
    assert fill(text, values) == filled


def test_those_without_a_value_are_told() -> None:
    assert missing("{{a}} {{b}} {{c|d}}", {"b": "x"}) == ["a"]


def test_the_pieces_of_a_text_are_the_text() -> None:
    text = "Hello {{ name }}, {{b}}"

    assert "".join(piece for piece, _ in parts(text)) == text
    assert [piece for piece, is_variable in parts(text) if is_variable] == ["{{ name }}", "{{b}}"]


def test_a_text_of_nothing_but_braces_is_read_in_no_time() -> None:
    assert variables_of("{{a|" * 5_000) == []
