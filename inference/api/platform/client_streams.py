"""Questions and answers on two ways: a client connects first, and what it submits by other
requests is answered on that connection, one after another."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.db import DatabaseError
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Router, Schema, Status
from pydantic import Field
from redis.exceptions import RedisError

from accounts.authentication import AuthenticatedRequest, is_still_admitted, requires
from inference import client_connections
from inference.api import runs, sse
from inference.api.catalogue import name_of_model
from inference.api.documentation import errors, stream
from inference.api.errors import Problem
from inference.api.platform import telling
from inference.api.platform.generate import LONGEST_PROMPT
from inference.api.platform.sampling import Sampling
from inference.ask import Ask
from inference.client_connections import Client, Connection, Gone, TooManyClients, TooManyJobs
from inference.models import Generation

RENEWED_EVERY = client_connections.LIFETIME_SECONDS / 3

EXAMPLE = """\
event: open
data: {"type":"open","client_id":"3f0c9a"}

event: queued
data: {"type":"queued","job_id":"1b4e28ba-…","position":2,"estimated_wait":4.5}

event: token
data: {"type":"token","job_id":"1b4e28ba-…","text":"Knowledge"}

event: done
data: {"type":"done","job_id":"1b4e28ba-…","finish_reason":"stop","tokens":42,…}

"""

router = Router(tags=["chat"], auth=requires("chat"))

ClientId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._~-]{1,100}$",
        description="Of the client's own making, such as a UUID. Others may have the same.",
        examples=["3f0c9a"],
    ),
]


class Submission(Sampling):
    client_id: ClientId
    prompt: str = Field(
        min_length=1, max_length=LONGEST_PROMPT, examples=["What is knowledge distillation?"]
    )
    context: str = Field(
        "",
        max_length=LONGEST_PROMPT,
        description="What the answer is to be drawn from; the model reads it before the prompt.",
        examples=["Knowledge distillation is a process in machine learning where …"],
    )
    model_id: str | None = Field(None, description="Without it, the default model answers.")

    @property
    def turns(self) -> list[dict[str, Any]]:
        content = f"{self.context}\n\n{self.prompt}" if self.context else self.prompt
        return [{"role": "user", "content": content}]


class Submitted(Schema):
    job_id: UUID = Field(description="Marks its events on the client's stream.")
    client_id: str
    position: int = Field(description="Among what this client waits for: 1 is next.")


@router.get(
    "/chat/stream/{client_id}",
    summary="Connect a client",
    openapi_extra=stream("Server-sent events, until the client goes away.", EXAMPLE),
)
async def connect(
    request: AuthenticatedRequest, client_id: Path[ClientId]
) -> StreamingHttpResponse:
    """Connect first, then submit. `open` tells that submissions are taken. They are answered in
    their order, each with `queued` while it waits, `token` for each piece of text, and `done` or
    `error` at its end; `job_id` tells which is which.

    The client belongs to the key (or the person) that connects it: nobody else can submit to it.
    When it goes away, whatever it still waits for is stopped. Connecting a client once more takes
    the place of its last connection. At most 100 clients of a user can be connected at once.
    """
    try:
        connection = await sync_to_async(client_connections.connect)(_client(request, client_id))
    except TooManyClients:
        message = _("You have %(most)d clients connected already. Disconnect some first.")
        raise Problem(
            429,
            "rate_limit_exceeded",
            message % {"most": client_connections.MOST_OF_USER},
            retry_after=client_connections.LIFETIME_SECONDS,
        ) from None
    return sse.stream(
        telling.guarded(_write(request, connection)), on_close=partial(_close, connection)
    )


@router.post(
    "/chat/submit", response={202: Submitted, **errors(404)}, summary="Ask on a connected client"
)
async def submit(request: AuthenticatedRequest, body: Submission) -> Status[dict[str, Any]]:
    """The answer comes on the client's stream. 404 if no such client of one's own is connected."""
    try:
        connection = await sync_to_async(client_connections.find)(_client(request, body.client_id))
        generation = await _start(request, body)
        try:
            position = await sync_to_async(connection.submit)(generation.pk)
        except BaseException:
            await runs.astop([generation])
            raise
    except Gone:
        message = _("No client %(id)s is connected.") % {"id": body.client_id}
        raise Problem(404, "not_found", message, param="client_id") from None
    except TooManyJobs:
        message = _("This client waits for too many answers already.")
        raise Problem(
            429, "rate_limit_exceeded", message, param="client_id", retry_after=runs.RETRY_SECONDS
        ) from None
    submitted = {"job_id": generation.pk, "client_id": body.client_id, "position": position}
    return Status(202, submitted)


async def _start(request: AuthenticatedRequest, body: Submission) -> Generation:
    name = await sync_to_async(name_of_model)(request, body.model_id)
    [generation] = await runs.start(request, runs.Order(name, Ask(body.turns), body.parameters))
    return generation


async def _write(request: AuthenticatedRequest, connection: Connection) -> AsyncGenerator[str]:
    yield telling.event("open", client_id=connection.client.id)
    renewing = asyncio.create_task(_renew(request, connection))
    try:
        async with aclosing(connection.jobs(runs.KEEP_ALIVE_SECONDS)) as jobs:
            async for job in jobs:
                if renewing.done():
                    return
                if job is None:
                    yield sse.comment("keep-alive")
                    continue
                async with aclosing(_tell(job)) as lines:
                    async for line in lines:
                        yield line
    finally:
        renewing.cancel()


async def _tell(job: UUID) -> AsyncGenerator[str]:
    generation = await Generation.objects.defer("messages").aget(pk=job)
    told = telling.Telling(generation, job_id=str(job))
    yield await told.place()
    async with aclosing(runs.paced([generation])) as events:
        async for news in events:
            lines = [await told.place()] if news is None else await told.take(news[1])
            for line in lines:
                yield line


async def _renew(request: AuthenticatedRequest, connection: Connection) -> None:
    """Ends when the connection is not its client's any more, or the client may not call any more,
    as its key was revoked."""
    held = True
    while held:
        await asyncio.sleep(RENEWED_EVERY)
        with suppress(RedisError, DatabaseError):
            held = await database_sync_to_async(is_still_admitted)(request)
            held = held and await sync_to_async(connection.renew)()


def _close(connection: Connection) -> None:
    runs.stop(list(Generation.objects.filter(pk__in=connection.close())))


def _client(request: AuthenticatedRequest, id: str) -> Client:
    return Client(id, request.auth.pk, request.api_key.pk if request.api_key else None)
