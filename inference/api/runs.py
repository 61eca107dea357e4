"""Runs that programs start: queued for a model by name, followed, and stopped when nobody reads."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections, transaction
from django.utils.translation import gettext as _

from accounts.authentication import AuthenticatedRequest
from inference import lifecycle, presence
from inference.api.errors import Problem
from inference.ask import Ask
from inference.models import AIModel, Generation
from inference.parameters import clean
from inference.token_log import Ended, Event, follow

KEEP_ALIVE_SECONDS = 15.0
"""A stream without news says so this often, so that nothing between closes it."""
RETRY_SECONDS = 5


@dataclass(frozen=True)
class Order:
    """What a program wants, whichever API it came by."""

    model: str
    """Its name."""
    ask: Ask
    parameters: Mapping[str, Any]
    """By the names of inference.parameters; None stands for what the model's settings say."""
    choices: int = 1


async def start(request: AuthenticatedRequest, order: Order) -> list[Generation]:
    """A run for each choice. Raises Problem, ParameterError or QueueFull, and then there is none.

    Leaves none behind either when it is cancelled: the thread that writes the rows can't be, so
    the runs are stopped then.
    """
    starting = asyncio.ensure_future(_start(request, order))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait({starting})
        if not starting.exception():
            await astop(starting.result())
        raise


@sync_to_async
def _start(request: AuthenticatedRequest, order: Order) -> list[Generation]:
    model = usable_model(request, order.model)
    _check_served(model)
    parameters = clean(order.parameters)  # before the transaction, in which others would wait
    submit = partial(
        lifecycle.submit,
        request.auth,
        model,
        order.ask,
        source=Generation.Source.API,
        api_key=request.api_key,
    )
    with transaction.atomic():
        first = submit(parameters)
        seed = first.parameters["seed"]  # by which the others can be had again, too
        siblings = [
            submit({**parameters, "seed": seed + index}, sibling_of=first)
            for index in range(1, order.choices)
        ]
    close_old_connections()  # an answer may take minutes, and needs none until its end
    return [first, *siblings]


def usable_model(request: AuthenticatedRequest, name: str) -> AIModel:
    """Raises Problem for a model that is not there for this caller."""
    model = None if "\0" in name else AIModel.objects.usable().filter(name=name).first()
    if model is None:
        message = _("There is no model %(name)s.") % {"name": name.replace("\0", "")}
        raise Problem(404, "model_not_found", message, param="model")
    return model


def _check_served(model: AIModel) -> None:
    """A run waits for a busy worker or a loading model, but not for a worker that is not there."""
    if not presence.workers():
        message = _("No worker is running that could answer.")
        raise Problem(503, "overloaded", message, retry_after=RETRY_SECONDS)
    state = presence.model_state(model.pk)
    if state.state == "failed":
        message = _("The model could not be loaded.")
        raise Problem(503, "model_unavailable", message, retry_after=RETRY_SECONDS)


def stop(generations: list[Generation]) -> None:
    """No effect on runs that have ended."""
    ids = [generation.pk for generation in generations]
    for live in Generation.objects.filter(pk__in=ids, status__in=Generation.LIVE):
        with transaction.atomic():
            lifecycle.stop(live)


astop = sync_to_async(stop)


async def paced(generations: list[Generation]) -> AsyncGenerator[tuple[int, Event] | None]:
    """The events of the runs as they come, each with its run's place in the list, until all have
    ended; and None whenever there was none for KEEP_ALIVE_SECONDS."""
    async with AsyncExitStack() as stack:
        followers = [
            await stack.enter_async_context(aclosing(follow(generation.pk)))  # type: ignore[type-var]
            for generation in generations
        ]
        coming = {asyncio.ensure_future(anext(events)): at for at, events in enumerate(followers)}
        try:
            while coming:
                news, _pending = await asyncio.wait(
                    coming, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if not news:
                    yield None
                for future in news:
                    at, event = coming.pop(future), future.result()
                    if not isinstance(event, Ended):
                        coming[asyncio.ensure_future(anext(followers[at]))] = at
                    yield at, event
        finally:
            await _abandon(coming)


async def _abandon(coming: Iterable[asyncio.Future[Event]]) -> None:
    """An iterator can't be closed while its next item is awaited. Until Python 3.12
    asyncio.wait_for, which the Redis client uses, now and then swallows a cancellation."""
    while awaited := {future for future in coming if not future.done()}:
        for future in awaited:
            future.cancel()
        await asyncio.wait(awaited, timeout=0.1)


def problem_of_end(end: Ended) -> Problem:
    """Why a run failed, for whoever asked for it."""
    match end.reason:
        case Generation.Reason.TOO_LONG:
            return Problem(400, "context_length_exceeded", end.error, param="messages")
        case Generation.Reason.UNREADABLE:
            return Problem(400, "invalid_value", end.error, param="messages")
        case Generation.Reason.GRAMMAR:
            return Problem(400, "invalid_value", end.error, param="grammar")
    return Problem(500, "server_error", end.error or _("The model failed to answer."))
