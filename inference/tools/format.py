"""How one family of models writes calls of functions."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

NAME = re.compile(r"[A-Za-z0-9_.-]+")
MARK = re.compile(r"<[^<>=\s]+[>=]|\[[A-Z_]+\]")
"""A word that a model writes for nothing but to open a call."""

OF_ID = re.compile(r"[\w.]+$")
"""Stands before the name in an id that says the name."""


@dataclass(frozen=True)
class Tags:
    """An argument is `before KEY between VALUE after`. Texts stand as they are, and any other value
    in JSON."""

    before: str
    between: str
    after: str


@dataclass(frozen=True)
class Format:
    """A call is `opening NAME between ARGUMENTS closing`, where the arguments are a JSON object, or
    stand in tags; `separator` takes the place of closing and opening between two calls."""

    opening: str
    between: str
    closing: str
    separator: str | None
    """None: the model calls one function at a time."""
    tags: Tags | None = None
    numbered: str | None = None
    """What stands between a call's name and its number, if it has one; then comes `between`."""
    is_own: bool = False
    """The model's chat template knows no tools, or none that could be understood."""
    is_told: bool = True
    """Whether the template tells the model of its tools. Some only write calls."""
    has_channels: bool = False
    """The whole answer is in channels, see inference.tools.channels."""
    arguments_as_text: bool = False
    """What the template wants in an earlier call: JSON, or the object itself."""
    content_as_none: bool = False
    """What the template wants of a turn that only calls: None, or an empty text."""

    @property
    def mark(self) -> str:
        """What opens a call wherever it stands in an answer; if nothing does, an answer is a call
        only if it begins as one."""
        found = MARK.match(self.opening)
        return found[0] if found else ""

    def control_tokens(self, control: Mapping[str, int]) -> dict[int, str]:
        """Those of a vocabulary's control tokens that calls are written with, and their words."""
        written = self.texts
        return {token: word for word, token in control.items() if any(word in t for t in written)}

    @property
    def texts(self) -> tuple[str, ...]:
        """All that calls are written with, but names, arguments and numbers."""
        tags = self.tags or Tags("", "", "")
        around = (self.opening, self.between, self.closing, self.separator or "")
        return (*around, tags.before, tags.between, tags.after)

    def id_of(self, name: str, at: int) -> str | None:
        """The id of a call, where calls are written with nothing else, as by Kimi K2."""
        found = OF_ID.search(self.opening)
        return f"{found[0]}{name}:{at}" if found and self.numbered == ":" else None

    def written(self, calls: list[tuple[str, str]]) -> str:
        """Calls of functions, as (name, arguments in JSON); at least one."""
        separator = self.closing + self.opening if self.separator is None else self.separator
        bodies = (self._body(at, *call) for at, call in enumerate(calls))
        return self.opening + separator.join(bodies) + self.closing

    def _body(self, at: int, name: str, arguments: str) -> str:
        number = "" if self.numbered is None else f"{self.numbered}{at}"
        return f"{name}{number}{self.between}{self._arguments(arguments)}"

    def _arguments(self, arguments: str) -> str:
        if self.tags is None:
            return arguments
        before, between, after = self.tags.before, self.tags.between, self.tags.after
        given = json.loads(arguments).items()
        return "".join(f"{before}{key}{between}{_plain(value)}{after}" for key, value in given)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> Self:
        tags = written.get("tags")
        return cls(**written | {"tags": Tags(**tags) if tags else None})


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


OWN = Format(
    opening='<tool_call>\n{"name": "',
    between='", "arguments": ',
    closing="}\n</tool_call>",
    separator='}\n</tool_call>\n<tool_call>\n{"name": "',
    is_own=True,
)
"""For models whose template has no form for calls; many have learnt this one anyway."""
