"""What a run generates, as the parts that every API shows: texts, and calls of tools."""

from dataclasses import dataclass

from inference.models import Generation
from inference.token_log import Embedded, Ended, Event, Started, Tokens
from inference.tools.format import Format
from inference.tools.parser import CallArguments, CallParser, CallStarted, Part, Text

__all__ = ["Call", "CallArguments", "CallStarted", "Part", "Reading", "Text", "parses_calls"]

_FINISH_REASONS = {
    Generation.Reason.LENGTH: "length",
    Generation.Reason.DEADLINE: "length",  # cut off, too
}


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
        self.text = ""
        self.calls: list[Call] = []
        self.end: Ended | None = None
        self._parses_calls = parses_calls(generation)
        self._parser: CallParser | None = None

    def take(self, event: Event) -> list[Part]:
        """What is new with this event. A text is never empty."""
        match event:
            case Started(tools=format):
                if format and self._parses_calls and not self._parser:  # a later attempt goes on
                    self._parser = CallParser(Format.from_json(format))
                return []
            case Tokens(text=text):
                return self._note(self._parser.feed(text) if self._parser else _plain(text))
            case Embedded():  # there is no text in it
                return []
            case Ended():
                self.end = event
                return self._note(self._parser.finish() if self._parser else [])

    @property
    def finish_reason(self) -> str:
        """In OpenAI's words; for a run that has ended, and has not failed."""
        reason = Generation.Reason(self.end.reason) if self.end else Generation.Reason.STOP
        return _FINISH_REASONS.get(reason, "tool_calls" if self.calls else "stop")

    def _note(self, parts: list[Part]) -> list[Part]:
        for part in parts:
            match part:
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


def _plain(text: str) -> list[Part]:
    return [Text(text)] if text else []
