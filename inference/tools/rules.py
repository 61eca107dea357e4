"""What constrains an answer that calls functions: a grammar in llguidance's dialect of Lark."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from inference.engine.json_schema import check_multiples, embedded, without_more_properties
from inference.engine.lark import GrammarError, control_text
from inference.engine.rules import Rules, check
from inference.tools import channels
from inference.tools.format import Format
from inference.tools.tagged import TaggedArguments

MOST_CALLS = 32
"""In one answer. A small model may find no end of them."""
SCHEMAS_KEPT = 256
CHECKED_SECONDS = 3.0
"""Of the processor: most that all functions of an answer may take. One can take as long."""

Control = Mapping[str, int]
"""Control tokens by their words."""


def rules(
    format: Format,
    tools: Mapping[str, Any],
    control: Control,
    answer: dict[str, Any] | None = None,
) -> Rules | None:
    """None: anything may come. `answer` is the JSON Schema of an answer that calls nothing; where
    nothing marks calls, which are JSON too then, there are none beside it.

    A choice that names a function asks for one call of it. Where the model may choose, what begins
    as a call goes on as one, and nothing but more calls comes after it. Raises GrammarError for a
    schema that can't be followed.
    """
    choice = tools.get("choice", "none")
    functions = _callable(tools)
    if choice == "none" or not functions:
        return None
    if choice == "auto" and answer is not None and not format.mark:
        return Rules("json_schema", json.dumps(answer))
    most = MOST_CALLS if tools["parallel"] and not isinstance(choice, dict) else 1
    kind = _InChannels if format.has_channels else _Writer
    write = kind(format, functions, control)
    lines = write.auto(most, answer) if choice == "auto" else write.required(most)
    return Rules("lark", "\n".join([*lines, *write.calls(), ""]), write.exits)


def rules_of_answer(format: Format, schema: dict[str, Any], control: Control) -> Rules:
    """For an answer in channels that calls nothing and follows a JSON Schema. Raises
    GrammarError."""
    write = _InChannels(format, [], control)
    lines = ["start: thought? answer", *write.thought(), *write.answer(schema)]
    return Rules("lark", "\n".join([*lines, ""]), write.exits)


def _callable(tools: Mapping[str, Any]) -> list[dict[str, Any]]:
    functions, choice = tools.get("functions") or [], tools.get("choice")
    if isinstance(choice, dict):
        return [function for function in functions if function["name"] == choice["name"]]
    return list(functions)


class _Writer:
    """Writes the rules of a grammar. `_literal` puts a text of the format into Lark's quotes."""

    def __init__(self, format: Format, functions: list[dict[str, Any]], control: Control) -> None:
        self._format = format
        self._functions = functions
        found = format.control_tokens(control) | channels.words_of(control)
        self._words = {word: control_text(token) for token, word in found.items()}

    @property
    def exits(self) -> tuple[str, ...]:
        """What leads out of texts in which nearly anything may stand."""
        return (self._controlled(self._format.tags.after),) if self._format.tags else ()

    def calls(self) -> Iterator[str]:
        """The rule `call`: everything between opening and closing."""
        yield f"call: {' | '.join(f'call{at}' for at in range(len(self._functions)))}"
        check_multiples({"anyOf": [function["parameters"] for function in self._functions]})
        until = time.thread_time() + CHECKED_SECONDS
        for at, function in enumerate(self._functions):
            if time.thread_time() > until:
                raise GrammarError("The schemas of the functions are too complex together.")
            schema = _arguments(json.dumps(function["parameters"]), function["strict"])
            yield f"call{at}: {self._head(function['name'])} arguments{at}"
            if self._format.tags:
                tagged = TaggedArguments(f"arguments{at}", self._format.tags, self._literal)
                yield from tagged.rules(schema, function["strict"])
            else:
                yield f"arguments{at}: {embedded(schema)}"

    def _head(self, name: str) -> str:
        """What stands before the arguments."""
        between = self._format.between
        if self._format.numbered is None:
            return self._literal(name + between)
        number = f"{self._literal(self._format.numbered)} /[0-9]{{1,4}}/"
        return f"{self._literal(name)} {number} {self._literal(between)}"

    def required(self, most: int) -> Iterator[str]:
        yield f"start: {self._literal(self._format.opening)} {self._more(most)}"

    def auto(self, most: int, answer: dict[str, Any] | None) -> Iterator[str]:
        format = self._format
        calls = f"{self._literal(format.opening)} {self._more(most)}"
        if answer is not None:
            yield f"start: answer | {calls}"
            yield f"answer: {embedded(answer)}"
        elif format.mark:
            yield f"start: TEXT | until_call {self._rest(format.mark)} {self._more(most)}"
            yield f"until_call[lazy]: TEXT {self._literal(format.mark)}"
            yield "TEXT: /(?s:.*)/"
        else:
            yield from self._only_at_the_beginning(most)

    def _only_at_the_beginning(self, most: int) -> Iterator[str]:
        """Without a word that opens calls, a call is what begins as one up to its arguments."""
        format = self._format
        opening = self._literal(format.opening)
        heads = [f"HEAD{at}" for at in range(len(self._functions))]
        first = [f"{head} arguments{at}" for at, head in enumerate(heads)]
        yield f"start: TEXT | ({' | '.join(first)}) {self._end(most)}"
        yield f"TEXT: /(?s:.*)/ & ~(({' | '.join(heads)}) /(?s:.*)/)"
        for head, function in zip(heads, self._functions, strict=True):
            yield f"{head}: {opening} {self._head(function['name'])}"

    def _rest(self, mark: str) -> str:
        """Of the opening."""
        rest = self._format.opening.removeprefix(mark)
        return self._literal(rest) if rest else ""

    def _more(self, most: int) -> str:
        """The first call, and all that comes after it."""
        return f"call {self._end(most)}"

    def _end(self, most: int) -> str:
        """What may come after a call."""
        closing, separator = self._format.closing, self._format.separator
        end = self._literal(closing) if closing else ""
        if separator is None or most == 1:
            return end
        return f"({self._literal(separator)} call){{0,{most - 1}}} {end}"

    def _literal(self, text: str) -> str:
        return json.dumps(self._controlled(text), ensure_ascii=False)

    def _controlled(self, text: str) -> str:
        """With control tokens as grammars know them."""
        if not self._words:
            return text
        words = sorted(self._words, key=len, reverse=True)
        pattern = "|".join(map(re.escape, words))
        return re.sub(pattern, lambda found: self._words[found[0]], text)


class _InChannels(_Writer):
    """For answers in channels. Thoughts may come before what is asked for."""

    _chooses_header = False

    @property
    def exits(self) -> tuple[str, ...]:
        return (self._controlled(channels.NEXT),)

    def thought(self) -> Iterator[str]:
        """The rule `thought`, of all that comes before another message."""
        yield f"thought: {self._literal(channels.ANALYSIS)} thinking"
        yield f"thinking[lazy]: THOUGHT {self._literal(channels.NEXT)}"
        yield r"THOUGHT: /[^\x0e]*/"

    def answer(self, schema: dict[str, Any]) -> Iterator[str]:
        """The rule `answer`."""
        yield f"answer: {self._literal(channels.FINAL)} answered"
        yield f"answered: {embedded(_followed(schema, is_strict=True))}"

    def required(self, most: int) -> Iterator[str]:
        yield f"start: thought? {self._literal(self._format.opening)} call"
        yield from self.thought()

    def auto(self, most: int, answer: dict[str, Any] | None) -> Iterator[str]:
        """The one that is to be called can stand in the header in two places."""
        self._chooses_header = True
        here, there = channels.FORMAT.opening, channels.TO_BEFORE_CHANNEL
        if answer is None:
            yield f"start: TEXT | {self._literal(there)} call | until_call call"
            yield (
                f"until_call[lazy]: TEXT ({self._literal(here)} "
                f"| {self._literal(channels.START + 'assistant' + there)})"
            )
            yield f"TEXT: /(?s:.*)/ & ~({self._literal(there)} /(?s:.*)/)"
            return
        yield f"start: thought? (answer | {self._literal(here)} call)"
        yield from self.thought()
        yield from self.answer(answer)

    def _head(self, name: str) -> str:
        if not self._chooses_header:
            return super()._head(name)
        channel, constrain = channels.CHANNEL + "commentary", channels.CONSTRAIN
        return (
            f"{self._literal(name)} {self._literal(channel)}? "
            f'(" "? {self._literal(constrain)} "json" | " json")? {self._literal(channels.BODY)}'
        )


@lru_cache(SCHEMAS_KEPT)
def _arguments(schema: str, is_strict: bool) -> dict[str, Any]:
    """The JSON Schema to which the arguments of a function, which are an object, are held. Raises
    GrammarError.

    A schema that can't be followed leaves any object, unless it was promised to be followed.
    """
    return _followed(json.loads(schema) | {"type": "object"}, is_strict)


def _followed(wanted: dict[str, Any], is_strict: bool) -> dict[str, Any]:
    """The best form of a schema that can be followed. Raises GrammarError."""
    for form in (without_more_properties(wanted), wanted):
        try:
            check(Rules("json_schema", json.dumps(form)))
            return form
        except GrammarError as error:
            refusal = error
    if is_strict:
        raise refusal
    return {"type": "object"}
