"""Answers to requests by their runs, in one piece or as a stream, in OpenAI's way."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Any, Protocol

from django.http import JsonResponse, StreamingHttpResponse

from inference import line
from inference.api import runs, sse
from inference.api.errors import of_status, openai_shape
from inference.api.runs import Events
from inference.line import Place
from inference.models import Generation
from inference.token_log import Ended, Event, Started

logger = logging.getLogger(__name__)

PARAMS = {"json_schema": "response_format"}
"""What these APIs call a parameter of inference.parameters."""


class Whole(Protocol):
    """What is told in one piece."""

    def take(self, index: int, event: Event) -> None:
        """`index` tells the run among those of the request."""

    def payload(self) -> dict[str, Any]:
        """Asked for once, when the runs have ended and their rows are read."""


class Stream(Protocol):
    """What is told piece by piece, as server-sent events."""

    includes_usage: bool

    def begin(self) -> str: ...

    def take(self, index: int, event: Event) -> str:
        """Empty while there is nothing to tell."""

    def usage(self) -> str:
        """Asked for at the end, if `includes_usage`, when the runs' rows are read."""


@asynccontextmanager
async def stopped_if_unread(generations: list[Generation]) -> AsyncIterator[None]:
    """Stops the runs when one has failed, or the client has gone away, which cancels this."""
    try:
        yield
    except BaseException:
        await runs.astop(generations)
        raise


async def whole(generations: list[Generation], told: Whole) -> JsonResponse:
    """Raises Problem if a run fails."""
    async with aclosing(runs.paced(generations)) as events:
        async for news in events:
            if news is not None:
                index, event = news
                raise_if_failed(event, generations[index])
                told.take(index, event)
    await count(generations)
    return JsonResponse(told.payload())


async def stream(generations: list[Generation], told: Stream) -> StreamingHttpResponse:
    """Raises Problem if a run fails before the first token. The status is told once that is
    there, so that it can be an error's, but no later than a keep-alive is due."""
    events = await begun(generations)
    return sse.stream(_write(generations, told, events), partial(runs.stop, generations))


async def begun(generations: list[Generation]) -> Events:
    """The runs' events, once there is anything to tell of. Raises Problem if a run has failed by
    then."""
    events, early = runs.paced(generations), []
    try:
        async for news in events:
            early.append(news)
            if news is not None:
                raise_if_failed(news[1], generations[news[0]])
                if isinstance(news[1], Started):
                    continue
            return _resumed(early, events)
    except BaseException:
        await events.aclose()
        raise
    raise AssertionError("a run's events end with Ended")


async def _resumed(early: list[tuple[int, Event] | None], events: Events) -> Events:
    async with aclosing(events):
        for news in early:
            yield news
        async for news in events:
            yield news


async def _write(
    generations: list[Generation], told: Stream, events: Events
) -> AsyncGenerator[str]:
    try:
        if text := told.begin():
            yield text
        async with aclosing(events):
            async for news in events:
                if news is None:
                    yield await keep_alive(generations)
                    continue
                index, event = news
                if isinstance(event, Ended) and event.status == Generation.Status.FAILED:
                    yield _failure(event, generations[index])
                    return  # which stops the other runs
                if text := told.take(index, event):
                    yield text
        if told.includes_usage:
            await count(generations)
            yield told.usage()
        yield sse.DONE
    except Exception:  # the status is told already
        logger.exception("a stream broke off")
        yield sse.event(openai_shape(of_status(500)))


def _failure(end: Ended, generation: Generation) -> str:
    problem = runs.problem_of_end(end, generation)
    problem.param = PARAMS.get(problem.param or "", problem.param)
    return sse.event(openai_shape(problem))


async def keep_alive(generations: list[Generation]) -> str:
    """Says where in line the first of the runs stands that still waits."""
    for generation in generations:
        place = await line.aplace(generation)
        if place.position:
            return sse.comment(_place(place))
    return sse.comment("keep-alive")


def _place(place: Place) -> str:
    """Readable by programs: the position, and the estimated wait in seconds if one is known."""
    wait = "" if place.seconds is None else f" wait={place.seconds:.0f}"
    return f"position={place.position}{wait}"


def raise_if_failed(event: Event, generation: Generation) -> None:
    if isinstance(event, Ended) and event.status == Generation.Status.FAILED:
        raise runs.problem_of_end(event, generation)


async def count(generations: list[Generation]) -> None:
    """Read what they took: the rows are final by now."""
    for generation in generations:
        await generation.arefresh_from_db(
            fields=["prompt_tokens", "cached_tokens", "completion_tokens", "finished_at"]
        )
