"""Streams as their readers see them: over server-sent events, and as Parley's page gets them."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bench.wire import Exchange, json_request

Message = dict[str, str]

SAMPLING = {"temperature": 0.7, "top_k": 40, "top_p": 0.9, "min_p": 0.0, "repeat_penalty": 1.0}


@dataclass(frozen=True)
class Arrival:
    at: float
    """time.monotonic() when the client had read it."""
    tokens: int
    """So many of the answer's tokens have come by then."""


@dataclass
class Trace:
    """One answer. Times are those of time.monotonic()."""

    asked_at: float
    arrivals: list[Arrival] = field(default_factory=list)
    ended_at: float = 0.0
    text: str = ""
    message: str = ""
    """In Parley's page: the id of the answer."""

    def came(self, tokens: int) -> None:
        if tokens > self.tokens:
            self.arrivals.append(Arrival(time.monotonic(), tokens))

    @property
    def tokens(self) -> int:
        return self.arrivals[-1].tokens if self.arrivals else 0

    @property
    def first_token_seconds(self) -> float:
        """From the question to its first token."""
        return self.arrivals[0].at - self.asked_at

    def tokens_between(self, begin: float, end: float) -> int:
        before = [arrival.tokens for arrival in self.arrivals if arrival.at <= begin]
        until = [arrival.tokens for arrival in self.arrivals if arrival.at <= end]
        return max(until, default=0) - max(before, default=0)

    def longest_gap(self, begin: float, end: float) -> float:
        """Most seconds between a token and the next, of those that touch this time."""
        pairs = pairwise(arrival.at for arrival in self.arrivals)
        return max(late - early for early, late in pairs if late > begin and early < end)


class SseStream:
    """An answer of `/v1/chat/completions`, which Parley and llama-server both have."""

    def __init__(self, url: str, model: str, key: str = "") -> None:
        self._url = url
        self._model = model
        self._key = key

    async def ask(
        self, messages: Sequence[Message], tokens: int, trace: Trace | None = None
    ) -> Trace:
        """`trace` is filled as the answer comes; cancelling hangs up."""
        trace = trace or Trace(time.monotonic())
        payload: dict[str, Any] = {
            "model": self._model,
            "messages": list(messages),
            "max_tokens": tokens,
            "stream": True,
            **SAMPLING,
        }
        request = json_request("/v1/chat/completions", payload, self._key)
        async with Exchange(self._url, request) as exchange:
            await exchange.raise_if_refused()
            async for event in exchange.events():
                if text := _delta(event):
                    trace.text += text
                    trace.came(len(trace.text.split()))
        trace.ended_at = time.monotonic()
        return trace


def _delta(event: dict[str, Any]) -> str:
    choices = event.get("choices") or [{}]
    return choices[0].get("delta", {}).get("content") or ""


def user(text: str) -> Message:
    return {"role": "user", "content": text}


def whole_rate(traces: Iterable[Trace]) -> float:
    """Tokens per second, from the first question to the last token, all answers together."""
    done = list(traces)
    began = min(trace.asked_at for trace in done)
    return sum(trace.tokens for trace in done) / (max(t.arrivals[-1].at for t in done) - began)


def joint_rate(traces: Iterable[Trace]) -> float:
    """Tokens per second while all answers were being written: from the moment that each has its
    first token until one has its last."""
    done = list(traces)
    begin = max(trace.arrivals[0].at for trace in done)
    end = min(trace.arrivals[-1].at for trace in done)
    if end <= begin:
        raise ValueError("these answers were never written at the same time")
    return rate_between(done, begin, end)


def rate_between(traces: Iterable[Trace], begin: float, end: float) -> float:
    """Tokens per second of all answers between two moments."""
    return sum(trace.tokens_between(begin, end) for trace in traces) / (end - begin)
