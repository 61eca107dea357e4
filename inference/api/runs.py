"""Runs that programs start: queued for a model by name, followed, and stopped when nobody reads."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.authentication import AuthenticatedRequest
from inference import database, key_limits, lifecycle, presence
from inference.api import images
from inference.api.errors import Problem
from inference.api.images import Sent
from inference.ask import Ask
from inference.models import AIModel, AIModelQuerySet, Generation
from inference.parameters import clean
from inference.token_log import Ended, Event, follow, follow_closely

Started = TypeVar("Started")

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
    images: Sequence[Sent] = ()
    """Those that its messages show, still as they came."""


async def start(request: AuthenticatedRequest, *orders: Order) -> list[Generation]:
    """A run for each choice of each order, all or none. Raises Problem, ParameterError or
    QueueFull, and then there is none; nor is there when it is cancelled.
    """
    return await unless_cancelled(_start(request, orders), lambda started: started)


async def unless_cancelled(
    starting: Coroutine[Any, Any, Started], of: Callable[[Started], list[Generation]]
) -> Started:
    """What `starting` returns, which has begun the runs `of` it. The thread that writes their rows
    can't be cancelled, so they are stopped if this is."""
    begun = asyncio.ensure_future(starting)
    try:
        return await asyncio.shield(begun)
    except asyncio.CancelledError:
        await asyncio.wait({begun})
        if not begun.exception():
            await astop(of(begun.result()))
        raise


@sync_to_async
def _start(request: AuthenticatedRequest, orders: Sequence[Order]) -> list[Generation]:
    choices = sum(order.choices for order in orders)
    key_limits.check_choices(request.api_key, choices, "n" if len(orders) == 1 else "model_ids")
    checked = [_checked(request, order) for order in orders]
    started: list[Generation] = []
    with transaction.atomic():
        for model, order in checked:
            started += _submit(request, model, order, answers=choices - len(started))
    database.let_go()  # an answer may take minutes, and needs none until its end
    return started


def _checked(request: AuthenticatedRequest, order: Order) -> tuple[AIModel, Order]:
    """Done before the transaction, in which others would wait."""
    model = usable_model(request, order.model)
    check_served(model)
    order = replace(order, parameters=clean(order.parameters))
    if order.images:
        order = replace(order, ask=replace(order.ask, images=images.read(order.images, model)))
    return model, order


def _submit(
    request: AuthenticatedRequest, model: AIModel, order: Order, answers: int
) -> list[Generation]:
    """`answers` are those of the request that are still to be queued."""
    submit = partial(
        lifecycle.submit,
        request.auth,
        model,
        order.ask,
        source=Generation.Source.API,
        api_key=request.api_key,
    )
    first = submit(order.parameters, answers=answers)
    seed = first.parameters["seed"]  # by which the others can be had again, too
    return [first] + [
        submit(
            {**order.parameters, "seed": seed + index}, sibling_of=first, answers=answers - index
        )
        for index in range(1, order.choices)
    ]


def usable_models(request: AuthenticatedRequest) -> AIModelQuerySet:
    """Those that are there for this caller: a key may be for some models only."""
    models = AIModel.objects.usable()
    for key in request.api_key.lineage if request.api_key else ():
        if key.models:
            models = models.filter(name__in=key.models)
    return models


def usable_model(request: AuthenticatedRequest, name: str, param: str | None = "model") -> AIModel:
    """Raises Problem for a model that is not there for this caller. `param` is the field that has
    the name, if one does."""
    model = None if "\0" in name else usable_models(request).filter(name=name).first()
    if model is None:
        message = _("There is no model %(name)s.") % {"name": name.replace("\0", "")}
        raise Problem(404, "model_not_found", message, param=param)
    return model


def check_served(model: AIModel) -> None:
    """A run waits for a busy worker or a loading model, but not for a worker that is not there."""
    workers = presence.workers()
    if presence.is_lacked(model, workers):
        file, worker = _("No worker has this model's file."), _("No worker is running.")
        raise Problem(503, "overloaded", file if workers else worker, retry_after=RETRY_SECONDS)
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


Events = AsyncGenerator[tuple[int, Event] | None]
"""Of the runs of one request, each with its run's place among them; None: it is quiet."""


def paced(generations: list[Generation]) -> Events:
    """The events of the runs as they come, until all have ended; and None whenever there was none
    for KEEP_ALIVE_SECONDS. To be closed (contextlib.aclosing)."""
    return _of_one(generations[0]) if len(generations) == 1 else _of_several(generations)


async def _of_one(generation: Generation) -> Events:
    """Without tasks, whose coming and going would cost as much as all the rest."""
    async with aclosing(follow_closely(generation.pk, KEEP_ALIVE_SECONDS)) as events:
        async for event in events:
            yield None if event is None else (0, event)


async def _of_several(generations: list[Generation]) -> Events:
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


def problem_of_end(end: Ended, generation: Generation | None = None) -> Problem:
    """Why a run failed, for whoever asked for it. `param` is what the run started from, or the
    name that inference.parameters has; it is told apart by the run."""
    match end.reason:
        case Generation.Reason.TOO_LONG:
            return Problem(400, "context_length_exceeded", end.error, param=_prompt(generation))
        case Generation.Reason.UNREADABLE:
            return Problem(400, "invalid_value", end.error, param=_prompt(generation))
        case Generation.Reason.GRAMMAR:
            return Problem(400, "invalid_value", end.error, param=_rules(generation))
        case Generation.Reason.TOO_FEW:
            return Problem(400, "invalid_value", end.error, param="max_tokens")
    return Problem(500, "server_error", end.error or _("The model failed to answer."))


_PROMPTS = {
    Generation.Kind.CHAT: "messages",
    Generation.Kind.TEXT: "prompt",
    Generation.Kind.EMBEDDING: "input",
}


def _prompt(generation: Generation | None) -> str:
    kind = Generation.Kind.CHAT if generation is None else Generation.Kind(generation.kind)
    return _PROMPTS[kind]


def _rules(generation: Generation | None) -> str:
    """Where what the answer had to follow came from."""
    if generation is None or "grammar" in generation.parameters:
        return "grammar"
    return "json_schema" if "json_schema" in generation.parameters else "tools"
