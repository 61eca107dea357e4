from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import environment, secrets


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda: environment.whole("X", 1, least=1), "many"),
        (lambda: environment.whole("X", 1, least=1), "0"),
        (lambda: environment.whole("X", 1, least=1, most=5), "6"),
        (lambda: environment.decimal("X", 1, least=0, most=2), "warm"),
        (lambda: environment.decimal("X", 1, least=0, most=2), "nan"),
        (lambda: environment.flag("X", False), "perhaps"),
        (lambda: environment.choice("X", "INFO", ("INFO", "DEBUG")), "loud"),
        (lambda: environment.names("X", []), '["a"'),
        (lambda: environment.names("X", []), "[1]"),
    ],
)
def test_a_bad_value_stops_the_start_and_names_the_variable(
    read: object, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X", value)

    with pytest.raises(ImproperlyConfigured, match=r"^X "):
        read()  # type: ignore[operator]


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "")

    assert environment.whole("X", 7, least=1) == 7
    assert environment.flag("X", default=True)
    assert environment.names("X", ["a"]) == ["a"]


@pytest.mark.parametrize("value", ["a, b,", '["a", "b"]'])
def test_a_list_is_written_with_commas_or_as_json(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X", value)

    assert environment.names("X", []) == ["a", "b"]


def test_the_key_of_an_installation_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"

    key = secrets.stored_key(path)

    assert len(key) >= 50
    assert secrets.stored_key(path) == key
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path]
