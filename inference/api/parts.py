"""What a run generates, as the parts that every API shows: texts, and calls of tools."""

from dataclasses import dataclass

from inference.models import Generation
from inference.token_log import Embedded, Ended, Event, Started, Tokens
from inference.tools.format import Format
from inference.tools.parser import CallArguments, CallParser, CallStarted, Text
from inference.tools.parser import Part as PartOfAnswer

__all__ = [
    "Call",
    "CallArguments",
    "CallStarted",
    "Part",
    "Reading",
    "Text",
    "Thought",
    "parses_calls",
]

_FINISH_REASONS = {
    Generation.Reason.LENGTH: "length",
    Generation.Reason.DEADLINE: "length",  # cut off, too
}


@dataclass(frozen=True)
class Thought:
    """What the model thinks before it answers."""

    text: str
    """Never empty."""


Part = Thought | PartOfAnswer


@dataclass
class Call:
    """Of a tool, as far as it has come."""

    id: str
    name: str
    arguments: str = ""
    """A JSON text, which is whole once the run has ended other than by its limit."""


class Reading:
    """One run's events read as parts. Its worker says by `Started` how the model writes calls."""

    def __init__(self, generation: Generation) -> None:
        self.text = self.thoughts = ""
        self.calls: list[Call] = []
        self.end: Ended | None = None
        self._functions = generation.tools["functions"] if parses_calls(generation) else None
        self._parser: CallParser | None = None

    def take(self, event: Event) -> list[Part]:
        """What is new with this event. A text is never empty."""
        match event:
            case Started(tools=format):
                if format and self._functions and not self._parser:  # a later attempt goes on
                    self._parser = CallParser(Format.from_json(format), self._functions)
                return []
            case Tokens(text=text, thought=thought):
                thoughts: list[Part] = [Thought(thought)] if thought else []
                told = self._parser.feed(text) if self._parser else _plain(text)
                return self._note([*thoughts, *told])
            case Embedded():  # there is no text in it
                return []
            case Ended():
                self.end = event
                return self._note([*self._parser.finish()] if self._parser else [])

    @property
    def finish_reason(self) -> str:
        """In OpenAI's words; for a run that has ended, and has not failed. One that has called, and
        might have called once more but for its limit of tokens, has called."""
        reason = Generation.Reason(self.end.reason) if self.end else Generation.Reason.STOP
        if reason == Generation.Reason.LENGTH and self._parser and self._parser.is_after_call:
            return "tool_calls"
        return _FINISH_REASONS.get(reason, "tool_calls" if self.calls else "stop")

    def _note(self, parts: list[Part]) -> list[Part]:
        for part in parts:
            match part:
                case Thought(text):
                    self.thoughts += text
                case Text(text):
                    self.text += text
                case CallStarted(id=id, name=name):
                    self.calls.append(Call(id, name))
                case CallArguments(index, text):
                    self.calls[index].arguments += text
        return parts


def parses_calls(generation: Generation) -> bool:
    """Whether calls are looked for in what it generates."""
    return bool(generation.tools) and generation.tools["choice"] != "none"


def _plain(text: str) -> list[PartOfAnswer]:
    return [Text(text)] if text else []
