"""What a chat template shows of how its model writes calls.

The template is asked to write a chat with a made-up function, called and not called, and the texts
are compared. What can't be told from that for sure is not used: the model then gets our own form.
"""

import json
import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from inference.tools import channels
from inference.tools.format import OWN, Format, Tags
from inference.tools.made_up import (
    ANSWER,
    ARGUMENTS,
    IDS,
    KEYS,
    MADE_UP,
    NAMES,
    OF_ID,
    QUESTION,
    RESULT,
    TELLING_IDS,
    TOOLS,
)

Render = Callable[[list[dict[str, Any]], list[dict[str, Any]] | None], str]
"""Writes messages and tools, both in the form that Hugging Face's templates expect, and then what
the assistant's next turn begins with. May raise anything."""

LONGEST_CLOSING = 150
"""Some templates write instructions for the next turn there."""
NUMBER = re.compile(r"(\D{1,20}?)([01])(\D.*)", re.DOTALL)
"""Of a call in its turn, after its name."""
TAG_BEGINS = re.compile(r"[<\[]")


class Unclear(Exception):
    """The template does not show, or not for sure, how calls are written."""


def of_template(render: Render, ends: Iterable[str] = ()) -> Format:
    """Never raises. `ends` are the words that end an answer."""
    words = tuple(filter(None, ends))
    for ids, as_text, as_none in product((IDS, TELLING_IDS), (False, True), (False, True)):
        try:
            return _Probe(render, words, ids, as_text, as_none).format()
        except Exception:  # noqa: S112 - templates raise what they like
            continue
    return OWN


@dataclass(frozen=True)
class _Probe:
    render: Render
    ends: tuple[str, ...]
    ids: tuple[str, ...]
    arguments_as_text: bool
    content_as_none: bool

    def format(self) -> Format:
        """Raises Unclear, and whatever the template raises."""
        result = {"role": "tool", "content": RESULT, "tool_call_id": self.ids[0], "name": NAMES[0]}
        if RESULT not in self._chat(self._calling((0,)), result):
            raise Unclear("the template does not tell of results")
        form = self._in_json() if ARGUMENTS[0] in _objects(self._written(0)) else self._in_tags()
        if not form.opening or any(map(MADE_UP.search, form.texts)):
            raise Unclear("something else stands there that depends on the call")
        if form.between.endswith("{") or len(form.closing) > LONGEST_CLOSING:
            raise Unclear("something stands around the arguments that is not of their call")
        form = self._counted(form)
        return replace(
            channels.FORMAT if self._answers_in_channels() else form,
            separator=self._separator(form),
            is_told=all(name in self._chat() for name in NAMES),
            arguments_as_text=self.arguments_as_text,
            content_as_none=self.content_as_none,
        )

    def _in_json(self) -> Format:
        return Format(*_around(self._written(0), 0), separator=None)

    def _in_tags(self) -> Format:
        """Compares calls with two arguments, with one and with none."""
        one, other = "quivel one", "quivel other"
        opening, name, rest = self._with(dict(zip(KEYS, (one, other), strict=True)))
        before_first, between, rest = _parted(rest, KEYS[0], one)
        before_next, between_next, end = _parted(rest, KEYS[1], other)
        tags, head, closing = _tags(before_first, between, before_next, end)
        form = Format(opening, head, closing, None, tags)
        seen = [self._with({KEYS[0]: one}), self._with({})]
        wanted = [form.written([(name, json.dumps({KEYS[0]: one}))]), form.written([(name, "{}")])]
        if between != between_next or ["".join(parts) for parts in seen] != wanted:
            raise Unclear("arguments are not always written in the same way")
        before, _, after = "".join(self._with({KEYS[0]: [1, 2]})).partition("[1")
        if wanted[0] != f"{before}{one}{after.partition('2]')[2]}":
            raise Unclear("what is no text is not written as JSON")
        return form

    def _with(self, arguments: dict[str, Any]) -> tuple[str, str, str]:
        """A call with these arguments: what stands before its function's name, the name, and what
        comes after it."""
        before, name, after = self._written(0, arguments=arguments).partition(NAMES[0])
        return before, name, after

    def _counted(self, form: Format) -> Format:
        """With the number of the call, where it has one."""
        found = NUMBER.match(form.between)
        if found is None:
            return form
        before, number, rest = found.groups()
        try:
            both = self._written(0, 1)
        except Exception:  # a template may refuse two calls
            both = ""
        if f"{NAMES[1]}{before}{int(number) + 1}{rest}" not in both:
            return form
        return replace(form, numbered=before, between=rest)

    def _separator(self, form: Format) -> str | None:
        """None, too, where two calls are not written as one is."""
        try:
            both, calls = self._written(0, 1), [self._written(0), self._written(1)]
        except Exception:  # a template may refuse two calls
            return None
        first, second = (c.removeprefix(form.opening).removesuffix(form.closing) for c in calls)
        if form.numbered is not None:
            second = self._next(second, form.numbered)
        before, after = form.opening + first, second + form.closing
        separator = both.removeprefix(before).removesuffix(after)
        if before + separator + after != both or MADE_UP.search(separator):
            return None
        return separator

    def _next(self, call: str, numbered: str) -> str:
        """The call with the number of one that comes second."""
        numbers = re.compile(rf"({NAMES[1]}{re.escape(numbered)})([01])")
        return numbers.sub(lambda found: f"{found[1]}{self._base(numbered) + 1}", call, count=1)

    def _base(self, numbered: str) -> int:
        return int(self._written(0).partition(NAMES[0] + numbered)[2][0])

    def _written(self, *which: int, arguments: dict[str, Any] | None = None) -> str:
        """The calls as an answer: without what the turn begins and ends with."""
        asked, said = self._chat(), self._chat(self._calling(which, arguments))
        before, after = self._around_answer()
        beginnings = (before, asked, asked.rstrip())
        begins = next((b for b in beginnings if b and said.startswith(b)), None)
        if begins is None:
            raise Unclear("the turn does not begin as an answer does")
        return OF_ID.sub("", self._without_end(said.removeprefix(begins), after)).strip()

    def _answers_in_channels(self) -> bool:
        return self._around_answer()[0].endswith(channels.FINAL)

    def _around_answer(self) -> tuple[str, str]:
        answered = self._chat({"role": "assistant", "content": ANSWER})
        before, _, after = answered.rpartition(ANSWER)
        return before, after

    def _without_end(self, said: str, after: str) -> str:
        found = [at for end in self.ends if (at := said.find(end)) >= 0]
        if found:
            return said[: min(found)]
        if not said.endswith(after):
            raise Unclear("the turn does not end as an answer does")
        return said.removesuffix(after)

    def _chat(self, *turns: dict[str, Any]) -> str:
        return self.render(*deepcopy(([QUESTION, *turns], TOOLS)))  # templates may change them

    def _calling(
        self, which: Iterable[int], arguments: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        calls = [
            {
                "id": self.ids[at],
                "type": "function",
                "function": {
                    "name": NAMES[at],
                    "arguments": self._arguments(ARGUMENTS[at] if arguments is None else arguments),
                },
            }
            for at in which
        ]
        content = None if self.content_as_none else ""
        return {"role": "assistant", "content": content, "tool_calls": calls}

    def _arguments(self, arguments: dict[str, Any]) -> Any:
        return json.dumps(arguments) if self.arguments_as_text else arguments


def _objects(text: str) -> list[Any]:
    """The JSON objects in a text, those within others too."""
    found = []
    for brace in re.finditer(r"\{", text):
        try:
            found.append(json.JSONDecoder().raw_decode(text, brace.start())[0])
        except ValueError:
            continue
    return found


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
    raise Unclear("the arguments do not come after the name")


def _parted(text: str, key: str, value: str) -> tuple[str, str, str]:
    """What stands before the key, between it and the value, and after that."""
    before, found, rest = text.partition(key)
    between, found_too, after = rest.partition(value)
    if not (found and found_too and between):
        raise Unclear("the arguments are not written one after the other")
    return before, between, after


def _tags(before_first: str, between: str, before_next: str, end: str) -> tuple[Tags, str, str]:
    """The tags around an argument, and what stands between the name and the first one, and after
    the last one; by what stands before the first and the next key, and at the end."""
    same = 0
    while same < min(len(before_first), len(before_next)) and (
        before_first[-same - 1] == before_next[-same - 1]
    ):
        same += 1
    begins = TAG_BEGINS.search(before_next, len(before_next) - same)
    if begins is None:
        raise Unclear("no tag begins an argument")
    before, after = before_next[begins.start() :], before_next[: begins.start()]
    if not after or not end.startswith(after):
        raise Unclear("an argument does not always end in the same way")
    return Tags(before, between, after), before_first.removesuffix(before), end.removeprefix(after)
