"""Objects of the OpenAI API that answer a request for a chat completion."""

from collections import deque
from typing import Any

from inference.models import Generation
from inference.token_log import Candidate, Ended, TokenLogprob, Tokens

LEAST_LOGPROB = -9999.0
"""Stands for minus infinity, which JSON does not have, as in OpenAI's answers."""

_FINISH_REASONS = {
    Generation.Reason.LENGTH: "length",
    Generation.Reason.DEADLINE: "length",  # cut off, too
}


def completion_id(generation: Generation) -> str:
    return f"chatcmpl-{generation.pk.hex}"


def finish_reason(end: Ended) -> str:
    return _FINISH_REASONS.get(Generation.Reason(end.reason), "stop")


def usage(generations: list[Generation]) -> dict[str, Any]:
    """Of the runs of one request that have ended, as their rows say. They share the prompt, which
    only the first may have had to evaluate."""
    first = generations[0]
    completion_tokens = sum(generation.completion_tokens for generation in generations)
    return {
        "prompt_tokens": first.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": first.prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": first.cached_tokens},
    }


class ShownTokens:
    """The log-probabilities of one answer's tokens, each told with the text that its own begins
    in. That may come later than the token, while text is held back for a stop string; a token of
    which nothing is ever shown, as it belongs to the stop string, is not told."""

    def __init__(self) -> None:
        self._waiting: deque[TokenLogprob] = deque()
        self._shown = 0

    def take(self, tokens: Tokens) -> list[dict[str, Any]]:
        """Those that are due with the text of this event."""
        self._waiting += tokens.logprobs
        self._shown += len(tokens.text)
        due = []
        while self._waiting and self._waiting[0].place < self._shown:
            due.append(_token(self._waiting.popleft()))
        return due


class Answer:
    """The text of one choice as it comes in, for an answer in one piece."""

    def __init__(self, generation: Generation) -> None:
        self._text = ""
        self._has_logprobs = _has_logprobs(generation)
        self._logprobs: list[dict[str, Any]] = []
        self._shown = ShownTokens()
        self._finish_reason = ""

    def take(self, tokens: Tokens) -> None:
        self._text += tokens.text
        self._logprobs += self._shown.take(tokens)

    def finish(self, end: Ended) -> None:
        self._finish_reason = finish_reason(end)

    def choice(self, index: int) -> dict[str, Any]:
        return {
            "index": index,
            "message": {"role": "assistant", "content": self._text, "refusal": None},
            "logprobs": _logprobs(self._logprobs) if self._has_logprobs else None,
            "finish_reason": self._finish_reason,
        }


def completion(generations: list[Generation], found: list[Answer]) -> dict[str, Any]:
    return _object(generations[0], "chat.completion") | {
        "choices": [answer.choice(index) for index, answer in enumerate(found)],
        "usage": usage(generations),
    }


class Chunks:
    """The chunks of one stream. With `usage` asked for, each has that field, all but the last
    without a value."""

    def __init__(self, generations: list[Generation], includes_usage: bool) -> None:
        self._base = _object(generations[0], "chat.completion.chunk")
        self._usage: dict[str, Any] = {"usage": None} if includes_usage else {}
        self._has_logprobs = _has_logprobs(generations[0])
        self._shown = [ShownTokens() for _ in generations]

    def role(self, index: int) -> dict[str, Any]:
        return self._chunk(index, {"role": "assistant", "content": ""})

    def tokens(self, index: int, tokens: Tokens) -> dict[str, Any] | None:
        """None while there is nothing to show."""
        due = self._shown[index].take(tokens)
        if not tokens.text:
            return None
        logprobs = _logprobs(due) if self._has_logprobs else None
        return self._chunk(index, {"content": tokens.text}, logprobs=logprobs)

    def finish(self, index: int, end: Ended) -> dict[str, Any]:
        return self._chunk(index, {}, finish=finish_reason(end))

    def usage(self, generations: list[Generation]) -> dict[str, Any]:
        return self._base | {"choices": [], "usage": usage(generations)}

    def _chunk(
        self,
        index: int,
        delta: dict[str, str],
        logprobs: dict[str, Any] | None = None,
        finish: str | None = None,
    ) -> dict[str, Any]:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        return self._base | {"choices": [choice]} | self._usage


def _has_logprobs(generation: Generation) -> bool:
    return bool(generation.parameters.get("logprobs"))


def _object(generation: Generation, kind: str) -> dict[str, Any]:
    return {
        "id": completion_id(generation),
        "object": kind,
        "created": int(generation.created_at.timestamp()),
        "model": generation.model.name,
    }


def _logprobs(tokens: list[dict[str, Any]]) -> dict[str, Any]:
    return {"content": tokens, "refusal": None}


def _token(of: TokenLogprob) -> dict[str, Any]:
    return _candidate(of.chosen) | {"top_logprobs": [_candidate(other) for other in of.top]}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    """A part of a character has its bytes, and a sign in place of its text."""
    return {
        "token": candidate.piece.decode("utf-8", "replace"),
        "logprob": max(candidate.logprob, LEAST_LOGPROB),
        "bytes": list(candidate.piece),
    }
