"""Objects of the OpenAI API that answer a request for a chat completion."""

import json
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from inference.api import sse
from inference.api.openai.logprobs import ShownTokens as ShownTokens
from inference.api.parts import (
    CallArguments,
    CallStarted,
    Part,
    Reading,
    Text,
    Thought,
    parses_calls,
)
from inference.models import AIModel, Generation
from inference.token_log import Ended, Event, Tokens


def usage(generations: list[Generation]) -> dict[str, Any]:
    """Of the runs of one request that have ended, as their rows say. Siblings share the prompt,
    which only the first may have had to evaluate."""
    firsts = [generation for generation in generations if generation.sibling_of_id is None]
    prompt_tokens = sum(generation.prompt_tokens for generation in firsts)
    completion_tokens = sum(generation.completion_tokens for generation in generations)
    cached_tokens = sum(generation.cached_tokens for generation in firsts)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def head(generation: Generation, prefix: str, kind: str) -> dict[str, Any]:
    """What an answer of any kind begins with."""
    model = generation.model
    return {
        "id": f"{prefix}-{generation.pk.hex}",
        "object": kind,
        "created": int(generation.created_at.timestamp()),
        "model": model.name,
        "system_fingerprint": fingerprint(model),
    }


def fingerprint(model: AIModel) -> str:
    """Another one tells that the same request with the same seed may be answered otherwise."""
    setup = (model.path, model.context_window, model.system_prompt, model.parameters, _engine())
    return f"fp_{sha256(repr(setup).encode()).hexdigest()[:10]}"


@cache
def _engine() -> str:
    """Without importing it, which web processes do not do."""
    return version("llama-cpp-python")


def has_logprobs(generation: Generation) -> bool:
    return bool(generation.parameters.get("logprobs"))


class Answer:
    """One choice as it comes in, for an answer in one piece."""

    def __init__(self, generation: Generation) -> None:
        self._reading = Reading(generation)
        self._has_logprobs = has_logprobs(generation)
        self._logprobs: list[dict[str, Any]] = []
        self._shown = ShownTokens()

    def take(self, event: Event) -> None:
        self._reading.take(event)
        if isinstance(event, Tokens):
            self._logprobs += self._shown.take(event)

    def choice(self, index: int) -> dict[str, Any]:
        return {
            "index": index,
            "message": self._message(),
            "logprobs": _logprobs(self._logprobs) if self._has_logprobs else None,
            "finish_reason": self._reading.finish_reason,
        }

    def _message(self) -> dict[str, Any]:
        text, calls = self._reading.text, self._reading.calls
        message = {"role": "assistant", "content": text, "refusal": None}
        if thoughts := self._reading.thoughts:
            message["reasoning_content"] = thoughts
        if not calls:
            return message
        called = [_call(call.id, call.name, call.arguments) for call in calls]
        return message | {"content": text or None, "tool_calls": called}


class Completion:
    """An answer in one piece."""

    def __init__(self, generations: list[Generation]) -> None:
        self._generations = generations
        self._answers = [Answer(generation) for generation in generations]

    def take(self, index: int, event: Event) -> None:
        self._answers[index].take(event)

    def payload(self) -> dict[str, Any]:
        return head(self._generations[0], "chatcmpl", "chat.completion") | {
            "choices": [answer.choice(index) for index, answer in enumerate(self._answers)],
            "usage": usage(self._generations),
            "service_tier": "default",
        }


class Chunks:
    """The chunks of one stream. With `usage` asked for, each has that field, all but the last
    without a value.

    They are put together as texts: there are many, and but for a few words they are all alike.
    """

    def __init__(self, generations: list[Generation], includes_usage: bool) -> None:
        self.includes_usage = includes_usage
        self._generations = generations
        self._choices = [Choice(generation) for generation in generations]
        self._head = head(generations[0], "chatcmpl", "chat.completion.chunk")
        self._frame = sse.Frame(self._head, includes_usage)

    def begin(self) -> str:
        return "".join(
            self._chunk(index, choice.role()) for index, choice in enumerate(self._choices)
        )

    def take(self, index: int, event: Event) -> str:
        choice = self._choices[index]
        written = ""
        for delta in choice.take(event):
            written += self._chunk(index, delta, choice.due_logprobs())
        if isinstance(event, Ended):
            finish = sse.quoted(choice.finish_reason)
            written += self._chunk(index, "{}", choice.due_logprobs(), finish)
        return written

    def usage(self) -> str:
        return sse.event(self._head | {"choices": [], "usage": usage(self._generations)})

    def _chunk(self, index: int, delta: str, logprobs: str = "null", finish: str = "null") -> str:
        return self._frame.around(
            f'"index":{index},"delta":{delta},"logprobs":{logprobs},"finish_reason":{finish}'
        )


class Choice:
    """One answer's deltas, in JSON."""

    def __init__(self, generation: Generation) -> None:
        self._reading = Reading(generation)
        self._may_call = parses_calls(generation)
        self._has_logprobs = has_logprobs(generation)
        self._shown = ShownTokens()
        self._due: list[dict[str, Any]] = []

    def role(self) -> str:
        """An answer that may only call has no text."""
        content = "null" if self._may_call else '""'
        return f'{{"role":"assistant","content":{content}}}'

    def take(self, event: Event) -> list[str]:
        if self._has_logprobs and isinstance(event, Tokens):
            self._due += self._shown.take(event)
        return [_delta(part) for part in self._reading.take(event)]

    def due_logprobs(self) -> str:
        """Of tokens that were not told yet."""
        if not self._due:
            return "null"
        due, self._due = self._due, []
        return json.dumps(_logprobs(due))

    @property
    def finish_reason(self) -> str:
        return self._reading.finish_reason


def _delta(part: Part) -> str:
    match part:
        case Thought(text):
            return f'{{"reasoning_content":{sse.quoted(text)}}}'
        case Text(text):
            return f'{{"content":{sse.quoted(text)}}}'
        case CallStarted(index, id, name):
            return sse.compact({"tool_calls": [{"index": index} | _call(id, name)]})
        case CallArguments(index, text):
            call = {"index": index, "function": {"arguments": text}}
            return sse.compact({"tool_calls": [call]})


def _call(id: str, name: str, arguments: str = "") -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _logprobs(tokens: list[dict[str, Any]]) -> dict[str, Any]:
    return {"content": tokens, "refusal": None}
