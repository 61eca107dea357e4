"""What a response of the Responses API consists of: thoughts, messages, and calls of functions.

Each is told by events between `added` and `done`, and shown whole by `item`.
"""

from dataclasses import dataclass, field
from typing import Any

Payload = dict[str, Any]


@dataclass
class Message:
    id: str
    index: int
    """Its place in the response's output."""
    text: str = ""
    logprobs: list[Payload] = field(default_factory=list)

    def item(self, status: str) -> Payload:
        return {
            "id": self.id,
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [] if status == "in_progress" else [self._part()],
        }

    def begin(self) -> list[Payload]:
        return [self._event("response.content_part.added", part=self._part())]

    def add(self, text: str, logprobs: list[Payload]) -> Payload:
        self.text += text
        self.logprobs += logprobs
        return self._event("response.output_text.delta", delta=text, logprobs=logprobs)

    def finish(self) -> list[Payload]:
        return [
            self._event("response.output_text.done", text=self.text, logprobs=self.logprobs),
            self._event("response.content_part.done", part=self._part()),
        ]

    def _part(self) -> Payload:
        shown = {"text": self.text, "logprobs": list(self.logprobs)}
        return {"type": "output_text", "annotations": []} | shown

    def _event(self, type: str, **fields: Any) -> Payload:
        place = {"item_id": self.id, "output_index": self.index, "content_index": 0}
        return {"type": type} | place | fields


@dataclass
class Reasoning:
    """A thought, told whole where others have its summary: programs show that."""

    id: str
    index: int
    """Its place in the response's output."""
    text: str = ""

    def item(self, status: str) -> Payload:
        summary = [] if status == "in_progress" else [self._part()]
        return {"id": self.id, "type": "reasoning", "status": status, "summary": summary}

    def begin(self) -> list[Payload]:
        return [self._event("part.added", part=self._part())]

    def add(self, text: str) -> Payload:
        self.text += text
        return self._event("text.delta", delta=text)

    def finish(self) -> list[Payload]:
        return [
            self._event("text.done", text=self.text),
            self._event("part.done", part=self._part()),
        ]

    def _part(self) -> Payload:
        return {"type": "summary_text", "text": self.text}

    def _event(self, what: str, **fields: Any) -> Payload:
        place = {"item_id": self.id, "output_index": self.index, "summary_index": 0}
        return {"type": f"response.reasoning_summary_{what}"} | place | fields


@dataclass
class FunctionCall:
    id: str
    index: int
    """Its place in the response's output."""
    call_id: str
    name: str
    arguments: str = ""

    def item(self, status: str) -> Payload:
        return {
            "id": self.id,
            "type": "function_call",
            "status": status,
            "arguments": self.arguments,
            "call_id": self.call_id,
            "name": self.name,
        }

    def begin(self) -> list[Payload]:
        return []

    def add(self, text: str) -> Payload:
        self.arguments += text
        return self._event("response.function_call_arguments.delta", delta=text)

    def finish(self) -> list[Payload]:
        told = {"name": self.name, "arguments": self.arguments}
        return [self._event("response.function_call_arguments.done", **told)]

    def _event(self, type: str, **fields: Any) -> Payload:
        return {"type": type, "item_id": self.id, "output_index": self.index} | fields


Item = Reasoning | Message | FunctionCall
