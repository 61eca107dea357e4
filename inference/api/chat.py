"""POST /v1/chat/completions: translate the request, queue a run, and translate its events."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from django.http import JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from accounts.authentication import AuthenticatedRequest
from inference.api import answers, runs, sse
from inference.api.errors import openai_shape
from inference.api.schemas import ChatRequest, chat_messages, refuse_unsupported
from inference.models import Generation
from inference.token_log import Ended, Event, Started, Tokens

router = Router()

Events = AsyncGenerator[Event | None]


@router.post("/chat/completions")
async def create_completion(request: AuthenticatedRequest, body: ChatRequest) -> HttpResponseBase:
    refuse_unsupported(body)
    messages = chat_messages(body.messages)
    generation = await runs.start(request.auth, body.model, messages, body.sampling)
    try:
        if body.stream:
            return await _stream(generation, body.includes_usage)
        return await _whole(generation)
    except BaseException:  # a client that goes away cancels this
        await runs.astop(generation)
        raise


async def _whole(generation: Generation) -> JsonResponse:
    text = ""
    async with aclosing(runs.paced(generation)) as events:
        async for event in events:
            match event:
                case Tokens():
                    text += event.text
                case Ended():
                    _raise_if_failed(event)
                    await _count(generation)
                    return JsonResponse(answers.completion(generation, text, event))
    raise AssertionError("a run's events end with Ended")


async def _stream(generation: Generation, includes_usage: bool) -> StreamingHttpResponse:
    """The status is told once the first token is there, so that it can be an error's, but no
    later than a keep-alive is due."""
    events = runs.paced(generation)
    try:
        first = await _first_news(events)
    except BaseException:
        await events.aclose()
        raise
    written = _write(generation, _resumed(first, events), includes_usage)
    return sse.stream(written, on_close=partial(runs.stop, generation))


async def _first_news(events: Events) -> Event | None:
    async for event in events:
        if isinstance(event, Ended):
            _raise_if_failed(event)
        if not isinstance(event, Started):
            return event
    raise AssertionError("a run's events end with Ended")


async def _resumed(first: Event | None, events: Events) -> Events:
    async with aclosing(events):
        yield first
        async for event in events:
            yield event


async def _write(
    generation: Generation, events: Events, includes_usage: bool
) -> AsyncGenerator[str]:
    chunks = answers.Chunks(generation, includes_usage)
    yield sse.event(chunks.role())
    async with aclosing(events):
        async for event in events:
            match event:
                case None:
                    yield sse.KEEP_ALIVE
                case Tokens(text=text) if text:
                    yield sse.event(chunks.text(text))
                case Ended(status=Generation.Status.FAILED):
                    yield sse.event(openai_shape(runs.problem_of_end(event)))
                    return
                case Ended():
                    yield sse.event(chunks.finish(event))
    if includes_usage:
        await _count(generation)
        yield sse.event(chunks.usage(generation))
    yield sse.DONE


def _raise_if_failed(end: Ended) -> None:
    if end.status == Generation.Status.FAILED:
        raise runs.problem_of_end(end)


async def _count(generation: Generation) -> None:
    await generation.arefresh_from_db(
        fields=["prompt_tokens", "cached_tokens", "completion_tokens"]
    )
