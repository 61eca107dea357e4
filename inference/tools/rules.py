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
from inference.tools.format import Format

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
    write = _Writer(format, functions, control)
    lines = write.auto(most, answer) if choice == "auto" else write.required(most)
    return Rules("lark", "\n".join([*lines, *write.calls(), ""]))


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
        words = {word: token for token, word in format.control_tokens(control).items()}
        self._words = {word: control_text(token) for word, token in words.items()}

    def calls(self) -> Iterator[str]:
        """The rule `call`: everything between opening and closing."""
        yield f"call: {' | '.join(f'call{at}' for at in range(len(self._functions)))}"
        check_multiples({"anyOf": [function["parameters"] for function in self._functions]})
        until = time.thread_time() + CHECKED_SECONDS
        for at, function in enumerate(self._functions):
            if time.thread_time() > until:
                raise GrammarError("The schemas of the functions are too complex together.")
            head = self._literal(function["name"] + self._format.between)
            schema = _arguments(json.dumps(function["parameters"]), function["strict"])
            yield f"call{at}: {head} arguments{at}"
            yield f"arguments{at}: {schema}"

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
        heads = [format.opening + f["name"] + format.between for f in self._functions]
        first = [f"{self._literal(head)} arguments{at}" for at, head in enumerate(heads)]
        yield f"start: TEXT | ({' | '.join(first)}) {self._end(most)}"
        yield f"TEXT: /(?s:.*)/ & ~(({' | '.join(map(self._literal, heads))}) /(?s:.*)/)"

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
        if self._words:
            words = sorted(self._words, key=len, reverse=True)
            pattern = "|".join(map(re.escape, words))
            text = re.sub(pattern, lambda found: self._words[found[0]], text)
        return json.dumps(text, ensure_ascii=False)


@lru_cache(SCHEMAS_KEPT)
def _arguments(schema: str, is_strict: bool) -> str:
    """The arguments of a function, which are an object, as they stand in a rule. Raises
    GrammarError.

    A schema that can't be followed leaves any object, unless it was promised to be followed.
    """
    wanted = json.loads(schema) | {"type": "object"}
    for form in (without_more_properties(wanted), wanted):
        try:
            check(Rules("json_schema", json.dumps(form)))
            return embedded(form)
        except GrammarError as error:
            refusal = error
    if is_strict:
        raise refusal
    return embedded({"type": "object"})
