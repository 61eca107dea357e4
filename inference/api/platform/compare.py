"""One question to several models at once, their answers in one stream."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict, Field, field_validator

from accounts.authentication import AuthenticatedRequest, requires
from inference.api import runs
from inference.api.documentation import errors, stream
from inference.api.errors import Problem
from inference.api.fields import MOST_MESSAGES, invalid
from inference.api.platform import telling
from inference.api.platform.generate import LONGEST_PROMPT
from inference.api.platform.sampling import Sampling
from inference.ask import Ask
from inference.models import Generation

UNAVAILABLE = 503

EXAMPLE = """\
event: token
data: {"type":"token","model":"small","text":"Hello"}

event: token
data: {"type":"token","model":"large","text":"Good day"}

event: done
data: {"type":"done","model":"small","finish_reason":"stop","tokens":2,…}

event: error
data: {"type":"error","model":"large","error":"The model failed to answer.","code":"server_error"}

event: end
data: {"type":"end"}

"""

router = Router(tags=["compare"], auth=requires("chat"))


class ComparedMessage(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=LONGEST_PROMPT)


class CompareRequest(Sampling):
    model_ids: list[str] = Field(
        min_length=2,
        max_length=4,
        description="As GET /models names them; each once.",
        examples=[["parley-demo", "parley-demo-mini"]],
    )
    prompt: str | None = Field(
        None, min_length=1, max_length=LONGEST_PROMPT, examples=["What is the capital of France?"]
    )
    messages: list[ComparedMessage] | None = Field(
        None, min_length=1, max_length=MOST_MESSAGES, description="A chat so far, instead."
    )

    @field_validator("model_ids")
    @classmethod
    def _each_once(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError("each model must be named once")
        return names

    @property
    def turns(self) -> list[dict[str, Any]]:
        """Raises Problem."""
        if (self.prompt is None) == (self.messages is None):
            raise invalid("prompt", _("prompt: Give either this or messages."))
        if self.messages is None:
            return [{"role": "user", "content": self.prompt}]
        return [message.model_dump() for message in self.messages]


@dataclass
class Started:
    generations: list[Generation] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    """Of each of these runs, the name."""
    problems: dict[str, Problem] = field(default_factory=dict)
    """Why there is none, by the name of the model."""


@router.post(
    "/compare",
    response=errors(404),
    summary="Ask several models at once",
    openapi_extra=stream("Server-sent events, each marked with its model.", EXAMPLE),
)
async def compare(request: AuthenticatedRequest, body: CompareRequest) -> StreamingHttpResponse:
    """Each model has events of its own, `queued`, `token`, and at its end `done` or `error`, with
    its id as `model`; the order among models is as they come. A model that fails does not end the
    others. When all have ended, `end` comes. If the client goes away, all are stopped.

    All models draw by the same parameters, and what is left out follows the settings of each.
    """
    started = await _start(request, body)
    return telling.stream(_write(started), started.generations)


async def _start(request: AuthenticatedRequest, body: CompareRequest) -> Started:
    """A run of each model that can be had now. Raises Problem if that is none, or if the request
    itself can't be followed for one of them."""
    started, turns = Started(), body.turns
    try:
        for name in body.model_ids:
            order = runs.Order(name, Ask(turns), body.parameters)
            try:
                started.generations += await runs.start(request, order)
                started.models.append(name)
            except Problem as problem:
                if problem.status != UNAVAILABLE:
                    raise
                started.problems[name] = problem
    except BaseException:
        await runs.astop(started.generations)
        raise
    if not started.generations:
        raise next(iter(started.problems.values()))
    return started


async def _write(started: Started) -> AsyncGenerator[str]:
    for name, problem in started.problems.items():
        yield telling.error(problem, model=name)
    told = [
        telling.Telling(generation, model=name)
        for generation, name in zip(started.generations, started.models, strict=True)
    ]
    for each in told:
        yield await each.place()
    async with aclosing(runs.paced(started.generations)) as events:
        async for news in events:
            if news is None:
                for each in told:
                    yield await each.place()
                continue
            at, event = news
            for line in await told[at].take(event):
                yield line
    yield telling.event("end")
