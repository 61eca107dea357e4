"""Runs that programs start: queued for a model by name, followed, and stopped when nobody reads."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from inference import lifecycle, presence
from inference.api.errors import Problem
from inference.models import AIModel, Generation
from inference.token_log import Ended, Event, follow

KEEP_ALIVE_SECONDS = 15.0
"""A stream without news says so this often, so that nothing between closes it."""
RETRY_SECONDS = 5


async def start(
    user: User, model_name: str, messages: list[dict[str, str]], parameters: Mapping[str, Any]
) -> Generation:
    """Raises Problem, ParameterError or QueueFull. Leaves no run behind when it is cancelled: the
    thread that writes the row can't be, so its run is stopped then."""
    starting = asyncio.ensure_future(_start(user, model_name, messages, parameters))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait({starting})
        if not starting.exception():
            await astop(starting.result())
        raise


@sync_to_async
def _start(
    user: User, model_name: str, messages: list[dict[str, str]], parameters: Mapping[str, Any]
) -> Generation:
    model = usable_model(model_name)
    _check_served(model)
    with transaction.atomic():
        generation = lifecycle.submit(user, model, messages, parameters, Generation.Source.API)
    close_old_connections()  # an answer may take minutes, and needs none until its end
    return generation


def usable_model(name: str) -> AIModel:
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


def stop(generation: Generation) -> None:
    """No effect on a run that has ended."""
    live = Generation.objects.filter(pk=generation.pk, status__in=Generation.LIVE).first()
    if live:
        with transaction.atomic():
            lifecycle.stop(live)


astop = sync_to_async(stop)


async def paced(generation: Generation) -> AsyncGenerator[Event | None]:
    """The run's events, and None whenever there was none for KEEP_ALIVE_SECONDS."""
    async with aclosing(follow(generation.pk)) as events:  # type: ignore[type-var]
        coming: asyncio.Future[Event] | None = None
        try:
            while True:
                coming = asyncio.ensure_future(anext(events))
                while not (await asyncio.wait({coming}, timeout=KEEP_ALIVE_SECONDS))[0]:
                    yield None
                event = coming.result()
                yield event
                if isinstance(event, Ended):
                    return
        finally:
            await _abandon(coming)


async def _abandon(coming: "asyncio.Future[Event] | None") -> None:
    """An iterator can't be closed while its next item is awaited. Until Python 3.12
    asyncio.wait_for, which the Redis client uses, now and then swallows a cancellation."""
    while coming is not None and not coming.done():
        coming.cancel()
        await asyncio.wait({coming}, timeout=0.1)


def problem_of_end(end: Ended) -> Problem:
    """Why a run failed, for whoever asked for it."""
    match end.reason:
        case Generation.Reason.TOO_LONG:
            return Problem(400, "context_length_exceeded", end.error, param="messages")
        case Generation.Reason.UNREADABLE:
            return Problem(400, "invalid_value", end.error, param="messages")
    return Problem(500, "server_error", end.error or _("The model failed to answer."))
