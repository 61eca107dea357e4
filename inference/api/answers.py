"""Objects of the OpenAI API that answer a request for a chat completion."""

from typing import Any

from inference.models import Generation
from inference.token_log import Ended

_FINISH_REASONS = {
    Generation.Reason.LENGTH: "length",
    Generation.Reason.DEADLINE: "length",  # cut off, too
}


def completion_id(generation: Generation) -> str:
    return f"chatcmpl-{generation.pk.hex}"


def finish_reason(end: Ended) -> str:
    return _FINISH_REASONS.get(Generation.Reason(end.reason), "stop")


def usage(generation: Generation) -> dict[str, Any]:
    """Of a run that has ended, as its row says."""
    return {
        "prompt_tokens": generation.prompt_tokens,
        "completion_tokens": generation.completion_tokens,
        "total_tokens": generation.prompt_tokens + generation.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": generation.cached_tokens},
    }


def completion(generation: Generation, text: str, end: Ended) -> dict[str, Any]:
    return _object(generation, "chat.completion") | {
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "logprobs": None,
                "finish_reason": finish_reason(end),
            }
        ],
        "usage": usage(generation),
    }


class Chunks:
    """The chunks of one stream. With `usage` asked for, each has that field, all but the last
    without a value."""

    def __init__(self, generation: Generation, includes_usage: bool) -> None:
        self._base = _object(generation, "chat.completion.chunk")
        self._usage: dict[str, Any] = {"usage": None} if includes_usage else {}

    def role(self) -> dict[str, Any]:
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, text: str) -> dict[str, Any]:
        return self._chunk({"content": text})

    def finish(self, end: Ended) -> dict[str, Any]:
        return self._chunk({}, finish_reason(end))

    def usage(self, generation: Generation) -> dict[str, Any]:
        return self._base | {"choices": [], "usage": usage(generation)}

    def _chunk(self, delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._base | {"choices": [choice]} | self._usage


def _object(generation: Generation, kind: str) -> dict[str, Any]:
    return {
        "id": completion_id(generation),
        "object": kind,
        "created": int(generation.created_at.timestamp()),
        "model": generation.model.name,
    }
