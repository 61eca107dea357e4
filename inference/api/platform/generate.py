"""A text's continuation, as the text itself says how it goes on: no chat, no system prompt."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.http import StreamingHttpResponse
from ninja import Router
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from inference.api import runs, sse
from inference.api.documentation import errors, stream
from inference.api.parts import Reading, Text
from inference.api.platform import telling
from inference.api.platform.sampling import Sampling
from inference.ask import Ask
from inference.models import Generation
from inference.token_log import Ended

LONGEST_PROMPT = 1_000_000

router = Router(tags=["generate"], auth=requires("chat"))


class GenerateRequest(Sampling):
    model_id: str = Field(description="As GET /models names it.", examples=["parley-demo"])
    prompt: str = Field(
        min_length=1,
        max_length=LONGEST_PROMPT,
        description="The text to go on with.",
        examples=["Once upon a time"],
    )


class Generated(telling.Account):
    text: str = Field(description="The prompt, and what was generated after it.")
    generated_text: str = Field(description="Only what was generated.")


@router.post("/generate", response={200: Generated, **errors(404, 500)}, summary="Continue a text")
async def generate(request: AuthenticatedRequest, body: GenerateRequest) -> dict[str, Any]:
    """Answers when all is generated. If the client goes away before, the run is stopped."""
    generation = await _start(request, body)
    reading = await telling.whole(generation)
    texts = {"text": body.prompt + reading.text, "generated_text": reading.text}
    return texts | await telling.account(reading, generation)


@router.post(
    "/generate/stream",
    response=errors(404),
    summary="Continue a text, as a stream",
    openapi_extra=stream(
        "Server-sent events.",
        "data: Once upon a time\n\ndata: , there\n\ndata:  was\n\nevent: done\ndata:\n\n",
    ),
)
async def generate_stream(
    request: AuthenticatedRequest, body: GenerateRequest
) -> StreamingHttpResponse:
    """The data of each event is a piece of text as it is, one space after `data:` apart. A line
    break in it begins another `data:` line of the same event, as usual. The first piece is the
    prompt, so that all of them together are what `/generate` has as `text`.

    The end is an event named `done` without data. If the run fails, an event named `error` comes
    instead, whose data is a JSON object with `error` and `code`. While nothing is generated, a
    comment keeps the connection open. If the client goes away, the run is stopped.
    """
    generation = await _start(request, body)
    return telling.stream(_write(generation, body.prompt), [generation])


async def _start(request: AuthenticatedRequest, body: GenerateRequest) -> Generation:
    ask = Ask(text=body.prompt, kind=Generation.Kind.TEXT)
    [generation] = await runs.start(request, runs.Order(body.model_id, ask, body.parameters))
    return generation


async def _write(generation: Generation, prompt: str) -> AsyncGenerator[str]:
    reading = Reading(generation)
    async with aclosing(runs.paced([generation])) as events:
        async for news in events:
            match news:
                case None:
                    yield sse.comment("keep-alive")
                case _, Ended(status=Generation.Status.FAILED) as end:
                    yield telling.error(runs.problem_of_end(end, generation))
                    return
                case _, event:
                    parts = reading.take(event)
                    texts = [part.text for part in parts if isinstance(part, Text)]
                    if texts and prompt:
                        texts, prompt = [prompt, *texts], ""
                    for text in texts:
                        yield _piece(text)
    if prompt:  # and nothing was generated
        yield _piece(prompt)
    yield "event: done\ndata:\n\n"


def _piece(text: str) -> str:
    """As it is: lines are what the format itself is made of, so each has its own `data:`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "".join(f"data: {line}\n" for line in lines) + "\n"
