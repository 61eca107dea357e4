"""One run as Anthropic's Messages API tells it: the object Message, and its stream's events."""

from collections.abc import Sequence
from typing import Any

import pydantic_core

from inference.api.anthropic.errors import anthropic_shape
from inference.api.errors import Problem
from inference.api.parts import CallArguments, CallStarted, Part, Reading, Text, Thought
from inference.models import Generation
from inference.token_log import Event, Tokens

Payload = dict[str, Any]

STOP_REASONS = {"length": "max_tokens", "tool_calls": "tool_use"}
"""By OpenAI's finish_reason."""


class Writer:
    """Makes the events of one stream. What they add up to is `whole`, the answer to a request
    that wants no stream."""

    pulse: Sequence[Payload] = ({"type": "ping"},)

    def __init__(self, generation: Generation) -> None:
        self.whole: Payload = {
            "id": f"msg_{generation.pk.hex}",
            "type": "message",
            "role": "assistant",
            "model": generation.model.name,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": _usage(generation),
        }
        self._reading = Reading(generation)
        self._stop = ""
        self._arguments = ""

    def begin(self) -> list[Payload]:
        """How long the prompt is has only been estimated by then."""
        return [{"type": "message_start", "message": self.whole | {"content": []}}]

    def take(self, event: Event) -> list[Payload]:
        if isinstance(event, Tokens):
            self._stop = event.stop
        return [told for part in self._reading.take(event) for told in self._take(part)]

    def end(self, generation: Generation) -> list[Payload]:
        """With the run's final row."""
        reason = STOP_REASONS.get(self._reading.finish_reason, "end_turn")
        delta = {
            "stop_reason": "stop_sequence" if self._stop else reason,
            "stop_sequence": self._stop or None,
        }
        usage = _usage(generation)
        self.whole |= delta | {"usage": usage}
        told = {"type": "message_delta", "delta": delta, "usage": usage}
        return [*self._close(), told, {"type": "message_stop"}]

    def fail(self, problem: Problem) -> list[Payload]:
        return [anthropic_shape(problem)]

    def _take(self, part: Part) -> list[Payload]:
        match part:
            case Thought():  # a block of it would need a signature
                return []
            case Text(text):
                opened = [] if self._is_in("text") else self._open({"type": "text", "text": ""})
                self._blocks[-1]["text"] += text
                return [*opened, self._delta({"type": "text_delta", "text": text})]
            case CallStarted(_, id, name):
                return self._open({"type": "tool_use", "id": id, "name": name, "input": {}})
            case CallArguments(_, text):
                self._arguments += text
                return [self._delta({"type": "input_json_delta", "partial_json": text})]

    @property
    def _blocks(self) -> list[Payload]:
        return self.whole["content"]  # type: ignore[no-any-return]

    def _is_in(self, type: str) -> bool:
        return bool(self._blocks) and self._blocks[-1]["type"] == type

    def _open(self, block: Payload) -> list[Payload]:
        closed = self._close()
        self._blocks.append(block)
        self._arguments = ""
        return [*closed, self._event("start", content_block=dict(block))]

    def _close(self) -> list[Payload]:
        if self._is_in("tool_use"):
            self._blocks[-1]["input"] = _input(self._arguments)
        return [self._event("stop")] if self._blocks else []

    def _delta(self, delta: Payload) -> Payload:
        return self._event("delta", delta=delta)

    def _event(self, what: str, **fields: Any) -> Payload:
        return {"type": f"content_block_{what}", "index": len(self._blocks) - 1} | fields


def _input(arguments: str) -> Payload:
    """As far as there is one, where the limit of tokens cut it off."""
    try:
        found = pydantic_core.from_json(arguments, allow_partial=True)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _usage(generation: Generation) -> Payload:
    """What came from the cache is counted apart."""
    return {
        "input_tokens": generation.prompt_tokens - generation.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": generation.cached_tokens,
        "output_tokens": generation.completion_tokens,
    }
