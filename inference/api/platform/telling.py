"""What the platform's own API tells of a run, in the same words wherever it tells it.

A stream has the events `queued` (its place in line), `thought` and `token` (texts), and at the end
of each run `done` or `error`. Each event's data is a JSON object with its name as `type`.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any

from django.http import StreamingHttpResponse
from ninja import Schema
from pydantic import Field

from inference.api import runs, sse
from inference.api.errors import Problem, of_status, platform_shape
from inference.api.parts import Reading, Text, Thought
from inference.api.serving import stopped_if_unread
from inference.line import aplace
from inference.models import Generation
from inference.token_log import Ended, Event

logger = logging.getLogger(__name__)

FINAL = [
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "started_at",
    "first_token_at",
    "finished_at",
]
"""Fields of a run that are known at its end."""


class TokensOfAnswer(Schema):
    prompt_tokens: int
    cached_tokens: int = Field(description="Of the prompt, those that were not computed again.")
    completion_tokens: int
    total_tokens: int


class Account(Schema):
    """What an answer took."""

    finish_reason: str = Field(description="stop, or length where it was cut off.")
    tokens: int = Field(description="Generated ones.")
    generation_time: float | None = Field(description="Seconds of work, without the wait.")
    time_to_first_token: float | None = Field(description="Seconds, with the wait.")
    tokens_per_second: float | None
    usage: TokensOfAnswer


def event(kind: str, **fields: Any) -> str:
    return sse.named({"type": kind} | fields)


def error(problem: Problem, **marks: Any) -> str:
    return event("error", **marks, **platform_shape(problem))


async def account(reading: Reading, generation: Generation) -> dict[str, Any]:
    """Of a run that has ended. Its row is read for it."""
    await generation.arefresh_from_db(fields=FINAL)
    return {
        "finish_reason": reading.finish_reason,
        "tokens": generation.completion_tokens,
        "generation_time": _rounded(generation.seconds),
        "time_to_first_token": _rounded(generation.time_to_first_token),
        "tokens_per_second": _rounded(generation.tokens_per_second),
        "usage": {
            "prompt_tokens": generation.prompt_tokens,
            "cached_tokens": generation.cached_tokens,
            "completion_tokens": generation.completion_tokens,
            "total_tokens": generation.prompt_tokens + generation.completion_tokens,
        },
    }


async def whole(generation: Generation) -> Reading:
    """The run once it has ended; it is stopped when nobody waits for it any more. Raises Problem
    if it failed."""
    reading = Reading(generation)
    async with stopped_if_unread([generation]), aclosing(runs.paced([generation])) as events:
        async for news in events:
            if news:
                reading.take(news[1])
    if reading.end and reading.end.status == Generation.Status.FAILED:
        raise runs.problem_of_end(reading.end, generation)
    return reading


def stream(lines: AsyncGenerator[str], generations: list[Generation]) -> StreamingHttpResponse:
    """The runs are stopped when the client goes away."""
    return sse.stream(guarded(lines), on_close=partial(runs.stop, generations))


async def guarded(lines: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """Ends with an error that is told, whatever goes wrong: the status is told already."""
    try:
        async with aclosing(lines):
            async for line in lines:
                yield line
    except Exception:
        logger.exception("a stream broke off")
        yield error(of_status(500))


class Telling:
    """One run's events as server-sent ones; each has `marks` in it, which tell the run."""

    def __init__(self, generation: Generation, **marks: Any) -> None:
        self._generation = generation
        self._reading = Reading(generation)
        self._marks = marks

    async def place(self) -> str:
        """Where it stands in line; a comment if it has begun."""
        place = await aplace(self._generation)
        if not place.position:
            return sse.comment("keep-alive")
        wait = _rounded(place.seconds)
        return self._event("queued", position=place.position, estimated_wait=wait)

    async def take(self, news: Event) -> list[str]:
        parts = self._reading.take(news)
        told = [
            self._event("token" if isinstance(part, Text) else "thought", text=part.text)
            for part in parts
            if isinstance(part, Text | Thought)
        ]
        return [*told, await self._end(news)] if isinstance(news, Ended) else told

    async def _end(self, end: Ended) -> str:
        if end.status == Generation.Status.FAILED:
            return error(runs.problem_of_end(end, self._generation), **self._marks)
        return self._event("done", **await account(self._reading, self._generation))

    def _event(self, kind: str, **fields: Any) -> str:
        return event(kind, **self._marks, **fields)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
