"""Answering a request by one run, for APIs whose whole answer is what their stream adds up to."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Protocol

from django.http import JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from inference.api import runs, serving, sse
from inference.api.errors import Problem, of_status
from inference.api.runs import Events
from inference.models import Generation
from inference.token_log import Ended, Event

logger = logging.getLogger(__name__)

Payload = dict[str, Any]


class Writer(Protocol):
    """Says in the words of an API what a run's events mean, and adds it up."""

    whole: Payload
    """The answer, once `end` was called."""
    pulse: Sequence[Payload]
    """What a stream says while there is nothing to say, besides the run's place in line."""

    def begin(self) -> list[Payload]: ...

    def take(self, event: Event) -> list[Payload]: ...

    def end(self, generation: Generation) -> list[Payload]:
        """With the run's final row."""

    def fail(self, problem: Problem) -> list[Payload]: ...


async def answer(generation: Generation, writer: Writer, stream: bool) -> HttpResponseBase:
    """Raises Problem if the run fails before its first token, or at any time without a stream."""
    async with serving.stopped_if_unread([generation]):
        return await (_stream if stream else _whole)(generation, writer)


async def _whole(generation: Generation, writer: Writer) -> JsonResponse:
    async with aclosing(runs.paced([generation])) as events:
        async for news in events:
            if news is not None:
                serving.raise_if_failed(news[1], generation)
                writer.take(news[1])
    await serving.count([generation])
    writer.end(generation)
    return JsonResponse(writer.whole)


async def _stream(generation: Generation, writer: Writer) -> StreamingHttpResponse:
    events = await serving.begun([generation])
    return sse.stream(_write(generation, writer, events), partial(runs.stop, [generation]))


async def _write(generation: Generation, writer: Writer, events: Events) -> AsyncGenerator[str]:
    try:
        yield _told(writer.begin())
        async with aclosing(events):
            async for news in events:
                match news:
                    case None:
                        yield await serving.keep_alive([generation]) + _told(writer.pulse)
                    case _, Ended(status=Generation.Status.FAILED) as end:
                        yield _told(writer.fail(runs.problem_of_end(end, generation)))
                        return
                    case _, event:
                        if told := _told(writer.take(event)):
                            yield told
        await serving.count([generation])
        yield _told(writer.end(generation))
    except Exception:  # the status is told already
        logger.exception("a stream broke off")
        yield _told(writer.fail(of_status(500)))


def _told(payloads: Sequence[Payload]) -> str:
    return "".join(map(sse.named, payloads))
