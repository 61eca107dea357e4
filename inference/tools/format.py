"""How one family of models writes calls of functions."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

NAME = re.compile(r"[A-Za-z0-9_.-]+")
MARK = re.compile(r"<[^<>=\s]+[>=]|\[[A-Z_]+\]")
"""A word that a model writes for nothing but to open a call."""


@dataclass(frozen=True)
class Format:
    """A call is `opening NAME between ARGUMENTS closing`, where the arguments are a JSON object;
    `separator` takes the place of closing and opening between two calls."""

    opening: str
    between: str
    closing: str
    separator: str | None
    """None: the model calls one function at a time."""
    is_own: bool = False
    """The model's chat template knows no tools, or none that could be understood."""
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
        texts = (self.opening, self.between, self.closing, self.separator or "")
        return {token: word for word, token in control.items() if any(word in t for t in texts)}

    def written(self, calls: list[tuple[str, str]]) -> str:
        """Calls of functions, as (name, arguments in JSON); at least one."""
        separator = self.closing + self.opening if self.separator is None else self.separator
        bodies = (f"{name}{self.between}{arguments}" for name, arguments in calls)
        return self.opening + separator.join(bodies) + self.closing

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> Self:
        return cls(**written)


OWN = Format(
    opening='<tool_call>\n{"name": "',
    between='", "arguments": ',
    closing="}\n</tool_call>",
    separator='}\n</tool_call>\n<tool_call>\n{"name": "',
    is_own=True,
)
"""For models whose template has no form for calls; many have learnt this one anyway."""
