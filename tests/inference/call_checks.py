"""What may be written where a model's calls are held to their rules."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from inference.engine.grammar import Constraint, Grammars
from inference.tools import channels
from inference.tools.format import OWN, Format
from inference.tools.rules import rules
from tests.inference.call_forms import BARE, IN_LIST, IN_TAGS, MARKED, NUMBERED, PAIRS

END = 0
CONTROL = {"[TOOL_CALLS]": 256, "[ARGS]": 257, "[THINK]": 258} | {
    word: 259 + at for at, word in enumerate((*channels.WORDS, "<arg_value>", "</arg_value>"))
}
LONGER = 259 + 7
FORMATS = {
    "own": OWN,
    "bare": BARE,
    "in a list": IN_LIST,
    "marked": MARKED,
    "numbered": NUMBERED,
    "in tags": IN_TAGS,
    "pairs": PAIRS,
    "in channels": channels.FORMAT,
}
each_format = pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS)

PLACE = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
ROME, OSLO = '{"city": "Rome"}', '{"city": "Oslo", "days": 3}'


@dataclass
class Tokens:
    """A letter a token, some longer ones, and control tokens."""

    control: dict[str, int] = field(default_factory=lambda: dict(CONTROL))
    ends: npt.NDArray[np.intp] = field(default_factory=lambda: np.array([END]))
    longer: tuple[bytes, ...] = (b"<tool_call>", b'"}}', b">\n{", b'{"')

    @property
    def size(self) -> int:
        return LONGER + len(self.longer)

    def piece(self, token: int) -> bytes:
        if token < 256:
            return bytes([token])
        return self.longer[token - LONGER] if token >= LONGER else b""


grammars = Grammars(Tokens())


def function(name: str, parameters: dict[str, Any] = PLACE, strict: bool = False) -> dict[str, Any]:
    return {"name": name, "description": "", "parameters": parameters, "strict": strict}


WEATHER = [function("weather"), function("weather_soon")]


def constraint(
    format: Format,
    choice: Any,
    *,
    parallel: bool = True,
    functions: list[dict[str, Any]] = WEATHER,
    max_tokens: int = 10_000,
    answer: dict[str, Any] | None = None,
) -> Constraint:
    tools = {"functions": functions, "choice": choice, "parallel": parallel}
    found = rules(format, tools, CONTROL, answer)
    assert found
    return grammars.constraint(found, [], max_tokens)


def tokens(text: str) -> list[int]:
    for word, token in CONTROL.items():
        if word in text:
            before, _, after = text.partition(word)
            return [*tokens(before), token, *tokens(after)]
    return list(text.encode())


def follows(constraint: Constraint, text: str) -> bool:
    """Whether the text may be written; not, whether it may end then."""
    for token in tokens(text):
        if not constraint.allows(token):
            return False
        assert constraint.mask()[token]
        constraint.accept(token)
    return True


def is_answer(constraint: Constraint, text: str) -> bool:
    return follows(constraint, text) and constraint.allows(END)
