"""The variables of a prompt: `{{name}}`, or `{{name|what it is unless somebody says}}`.

They are filled in once, from left to right: what a value contains is text, never a variable.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LONGEST_NAME = 50
LONGEST_VALUE = 10_000
MOST = 30
_VARIABLE = re.compile(
    rf"\{{\{{[ \t]*(?P<name>[\w-]{{1,{LONGEST_NAME}}})[ \t]*(?:\|(?P<default>[^{{}}\n]*))?\}}\}}"
)


@dataclass(frozen=True)
class Variable:
    name: str
    default: str = ""


def variables_of(text: str) -> list[Variable]:
    """Each once, in the order in which they come first; the first default counts."""
    found: dict[str, str] = {}
    for match in _VARIABLE.finditer(text):
        found[match["name"]] = found.get(match["name"]) or _default(match)
    return [Variable(name, default) for name, default in found.items()]


def fill(text: str, values: Mapping[str, str]) -> str:
    """A variable without a value has its default; without that, it stays as it is written."""

    def value(match: re.Match[str]) -> str:
        return values.get(match["name"]) or _default(match) or match[0]

    return _VARIABLE.sub(value, text)


def missing(text: str, values: Mapping[str, str]) -> list[str]:
    """The names of those that stay as they are written."""
    return [one.name for one in variables_of(text) if not (values.get(one.name) or one.default)]


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, and whether each is a variable: to show which they are."""
    end = 0
    for match in _VARIABLE.finditer(text):
        yield text[end : match.start()], False
        yield match[0], True
        end = match.end()
    yield text[end:], False


def _default(match: re.Match[str]) -> str:
    return (match["default"] or "").strip()
