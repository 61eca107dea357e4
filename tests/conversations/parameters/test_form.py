"""What may be typed into the fields of parameters, and what it means."""

from typing import Any

import pytest

from conversations.layers import Layer
from conversations.parameters.forms import ParametersForm, as_typed
from inference.parameters import ParameterError, clean


def parameters(**typed: str) -> dict[str, Any]:
    form = ParametersForm(typed)
    assert form.is_valid(), form.errors
    return form.parameters


@pytest.mark.parametrize(
    ("name", "typed", "meant"),
    [
        ("temperature", "0.3", 0.3),
        ("temperature", " 0,3 ", 0.3),
        ("temperature", "0", 0),
        ("top_k", "40", 40),
        ("seed", "-9223372036854775808", -(2**63)),
        ("stop", "END", ["END"]),
        ("stop", "one\r\ntwo\r\n", ["one", "two"]),
        ("stop", "\\n\\n", ["\n\n"]),
        ("stop", "a\\\\n", ["a\\n"]),
        ("stop", "\\d", ["\\d"]),
        ("stop", " x", [" x"]),
    ],
)
def test_a_value_means_what_it_says(name: str, typed: str, meant: Any) -> None:
    assert parameters(**{name: typed}) == {name: meant}


@pytest.mark.parametrize("typed", ["", "  "])
def test_an_empty_field_sets_nothing(typed: str) -> None:
    assert parameters(temperature=typed, stop=typed) == {}


@pytest.mark.parametrize("value", [0.7, 40, ["END"], ["a\nb", "c\\d", "\\n"]])
def test_what_is_shown_can_be_typed_again(value: Any) -> None:
    name = "stop" if isinstance(value, list) else "temperature" if value == 0.7 else "top_k"

    assert parameters(**{name: as_typed(value)}) == {name: value}


@pytest.mark.parametrize(
    ("name", "typed", "as_json"),
    [
        ("temperature", "9", 9),
        ("temperature", "warm", "warm"),
        ("temperature", "nan", float("nan")),
        ("top_k", "2.5", 2.5),
        ("max_tokens", "0", 0),
        ("seed", "1" * 40, int("1" * 40)),
        ("stop", "x" * 501, ["x" * 501]),
    ],
)
def test_it_is_refused_in_the_words_of_the_api(name: str, typed: str, as_json: Any) -> None:
    form = ParametersForm({name: typed})

    with pytest.raises(ParameterError) as refusal:
        clean({name: as_json})
    assert form.errors[name] == [str(refusal.value)]
    assert form.first_error == str(refusal.value)


@pytest.mark.parametrize("typed", ["\0", "1" * 5000, "１\0", "9" * 41])
def test_nonsense_is_refused(typed: str) -> None:
    assert not ParametersForm({"top_k": typed}).is_valid()


def test_each_field_shows_what_it_inherits() -> None:
    layers = [Layer("default", {"top_k": 40}), Layer("project", {"top_k": 7, "stop": ["a", "b"]})]
    form = ParametersForm(own={"top_k": 3}, below=layers)

    rows = {row.field.name: row for row in form.rows}
    assert rows["top_k"].field.value() == "3"
    assert rows["top_k"].usual == "7"
    assert rows["top_k"].inherited and rows["top_k"].inherited.origin == "from the project"
    assert rows["stop"].usual == "a\nb"
    assert rows["seed"].usual == "new each time"
    assert rows["presence_penalty"].usual == "0"
