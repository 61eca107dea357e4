"""What a chat template shows of how its model writes calls.

The template is asked to write a chat with a made-up function, called and not called, and the texts
are compared. What can't be told from that for sure is not used: the model then gets our own form.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

from inference.tools.format import OWN, Format

Render = Callable[[list[dict[str, Any]], list[dict[str, Any]] | None], str]
"""Writes messages and tools, both in the form that Hugging Face's templates expect, and then what
the assistant's next turn begins with. May raise anything."""

NAMES = ("quivel_first", "quivel_second")
ARGUMENTS = ({"quivel_key": "quivel one"}, {"quivel_key": "quivel two"})
IDS = ("qvl000001", "qvl000002")
"""As Mistral's templates check them: nine letters and digits."""
QUESTION = {"role": "user", "content": "quivel question"}
ANSWER = "quivel answer"
RESULT = "quivel result"
MADE_UP = re.compile("quivel|qvl0")

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": "Tells about quivel.",
            "parameters": {
                "type": "object",
                "properties": {"quivel_key": {"type": "string", "description": "Which quivel."}},
                "required": ["quivel_key"],
            },
        },
    }
    for name in NAMES
]
LONGEST_CLOSING = 150
"""Some templates write instructions for the next turn there."""
OF_ID = re.compile(
    r""",\s*"\w+":\s*"qvl00000\d"  # a member of the call's object, not the first
    | "\w+":\s*"qvl00000\d",\s*    # the first
    | (?:\[\w+\]|<[^<>\s]+>)qvl00000\d  # after a mark of its own
    """,
    re.VERBOSE,
)
"""A call's id, which models need not write: whoever reads the call gives it one."""


class Unclear(Exception):
    """The template does not show, or not for sure, how calls are written."""


def of_template(render: Render, ends: Iterable[str] = ()) -> Format:
    """Never raises. `ends` are the words that end an answer."""
    for as_text, as_none in product((False, True), repeat=2):
        try:
            return _Probe(render, tuple(filter(None, ends)), as_text, as_none).format()
        except Exception:  # noqa: S112 - templates raise what they like
            continue
    return OWN


@dataclass(frozen=True)
class _Probe:
    render: Render
    ends: tuple[str, ...]
    arguments_as_text: bool
    content_as_none: bool

    def format(self) -> Format:
        """Raises Unclear, and whatever the template raises."""
        if not all(name in self._chat() for name in NAMES):
            raise Unclear("the template does not tell of tools")
        result = {"role": "tool", "content": RESULT, "tool_call_id": IDS[0], "name": NAMES[0]}
        if RESULT not in self._chat(self._calling(0), result):
            raise Unclear("the template does not tell of results")
        opening, between, closing = _around(self._written(0), 0)
        if not opening or MADE_UP.search(opening + between + closing):
            raise Unclear("something else stands there that depends on the call")
        if between.endswith("{") or len(closing) > LONGEST_CLOSING:
            raise Unclear("something stands around the arguments that is not of their call")
        return Format(
            opening,
            between,
            closing,
            self._separator(opening, between, closing),
            arguments_as_text=self.arguments_as_text,
            content_as_none=self.content_as_none,
        )

    def _separator(self, opening: str, between: str, closing: str) -> str | None:
        """None, too, where two calls are not written as one is."""
        try:
            first = _around(self._written(0, 1), 0)
            separator, second_between, second_closing = _around(first[2], 1)
        except Exception:  # a template may refuse two calls
            return None
        parts = (*first[:2], second_between, second_closing)
        if parts != (opening, between, between, closing) or MADE_UP.search(separator):
            return None
        return separator

    def _written(self, *which: int) -> str:
        """The calls as an answer: without what the turn begins and ends with."""
        asked, said = self._chat(), self._chat(self._calling(*which))
        answered = self._chat({"role": "assistant", "content": ANSWER})
        before, _, after = answered.rpartition(ANSWER)
        beginnings = (before, asked, asked.rstrip())
        begins = next((b for b in beginnings if b and said.startswith(b)), None)
        if begins is None:
            raise Unclear("the turn does not begin as an answer does")
        return OF_ID.sub("", self._without_end(said.removeprefix(begins), after)).strip()

    def _without_end(self, said: str, after: str) -> str:
        found = [at for end in self.ends if (at := said.find(end)) >= 0]
        if found:
            return said[: min(found)]
        if not said.endswith(after):
            raise Unclear("the turn does not end as an answer does")
        return said.removesuffix(after)

    def _chat(self, *turns: dict[str, Any]) -> str:
        return self.render([QUESTION, *turns], TOOLS)

    def _calling(self, *which: int) -> dict[str, Any]:
        calls = [
            {
                "id": IDS[at],
                "type": "function",
                "function": {"name": NAMES[at], "arguments": self._arguments(at)},
            }
            for at in which
        ]
        content = None if self.content_as_none else ""
        return {"role": "assistant", "content": content, "tool_calls": calls}

    def _arguments(self, at: int) -> Any:
        return json.dumps(ARGUMENTS[at]) if self.arguments_as_text else ARGUMENTS[at]


def _around(text: str, at: int) -> tuple[str, str, str]:
    """What stands before the name of a call, between it and the arguments, and after them."""
    before, _name, rest = text.partition(NAMES[at])
    for brace in re.finditer(r"\{", rest):
        try:
            value, end = json.JSONDecoder().raw_decode(rest, brace.start())
        except ValueError:
            continue
        if value == ARGUMENTS[at]:
            return before, rest[: brace.start()], rest[end:]
    raise Unclear("the arguments are not written as a JSON object")
