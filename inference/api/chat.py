"""POST /v1/chat/completions: translate the request, queue a run, and translate its events."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from django.http import JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from accounts.authentication import AuthenticatedRequest
from inference import queue
from inference.api import answers, runs, sse
from inference.api.errors import openai_shape
from inference.api.schemas import ChatRequest, chat_messages, refuse_unsupported
from inference.ask import Ask
from inference.models import Generation
from inference.queue import Place
from inference.token_log import Ended, Event, Started, Tokens

router = Router()

Events = AsyncGenerator[tuple[int, Event] | None]
"""Of the runs of one request, each with the index of its choice; None: it is quiet."""


@router.post("/chat/completions")
async def create_completion(request: AuthenticatedRequest, body: ChatRequest) -> HttpResponseBase:
    refuse_unsupported(body)
    ask = Ask(chat_messages(body.messages))
    order = runs.Order(body.model, ask, body.sampling, body.choices)
    generations = await runs.start(request, order)
    try:
        if body.stream:
            return await _stream(generations, body.includes_usage)
        return await _whole(generations)
    except BaseException:  # a choice has failed, or the client has gone away, which cancels this
        await runs.astop(generations)
        raise


async def _whole(generations: list[Generation]) -> JsonResponse:
    found = [answers.Answer(generation) for generation in generations]
    async with aclosing(runs.paced(generations)) as events:
        async for news in events:
            match news:
                case index, Tokens() as event:
                    found[index].take(event)
                case index, Ended() as event:
                    _raise_if_failed(event)
                    found[index].finish(event)
    await _count(generations)
    return JsonResponse(answers.completion(generations, found))


async def _stream(generations: list[Generation], includes_usage: bool) -> StreamingHttpResponse:
    """The status is told once the first token is there, so that it can be an error's, but no
    later than a keep-alive is due."""
    events = runs.paced(generations)
    try:
        first = await _first_news(events)
    except BaseException:
        await events.aclose()
        raise
    written = _write(generations, _resumed(first, events), includes_usage)
    return sse.stream(written, on_close=partial(runs.stop, generations))


async def _first_news(events: Events) -> tuple[int, Event] | None:
    async for news in events:
        match news:
            case _, Ended() as end:
                _raise_if_failed(end)
            case _, Started():
                continue
        return news
    raise AssertionError("a run's events end with Ended")


async def _resumed(first: tuple[int, Event] | None, events: Events) -> Events:
    async with aclosing(events):
        yield first
        async for news in events:
            yield news


async def _write(
    generations: list[Generation], events: Events, includes_usage: bool
) -> AsyncGenerator[str]:
    chunks = answers.Chunks(generations, includes_usage)
    for index in range(len(generations)):
        yield sse.event(chunks.role(index))
    async with aclosing(events):
        async for news in events:
            match news:
                case None:
                    yield await _keep_alive(generations)
                case index, Tokens() as event:
                    if chunk := chunks.tokens(index, event):
                        yield sse.event(chunk)
                case _, Ended(status=Generation.Status.FAILED) as end:
                    yield sse.event(openai_shape(runs.problem_of_end(end)))
                    return  # which stops the other choices
                case index, Ended() as end:
                    yield sse.event(chunks.finish(index, end))
    if includes_usage:
        await _count(generations)
        yield sse.event(chunks.usage(generations))
    yield sse.DONE


async def _keep_alive(generations: list[Generation]) -> str:
    """Says where in line the first of the choices stands that still waits."""
    for generation in generations:
        place = await queue.aplace(generation)
        if place.position:
            return sse.comment(_place(place))
    return sse.comment("keep-alive")


def _place(place: Place) -> str:
    """Readable by programs: the position, and the estimated wait in seconds if one is known."""
    wait = "" if place.seconds is None else f" wait={place.seconds:.0f}"
    return f"position={place.position}{wait}"


def _raise_if_failed(end: Ended) -> None:
    if end.status == Generation.Status.FAILED:
        raise runs.problem_of_end(end)


async def _count(generations: list[Generation]) -> None:
    """Read what they took: the rows are final by now."""
    for generation in generations:
        await generation.arefresh_from_db(
            fields=["prompt_tokens", "cached_tokens", "completion_tokens"]
        )
