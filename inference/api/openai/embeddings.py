"""POST /v1/embeddings: vectors of texts, as OpenAI's API tells them."""

import asyncio
from array import array
from base64 import b64encode
from collections.abc import Iterator
from contextlib import aclosing
from math import hypot
from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import BaseModel, ConfigDict, Field

from accounts.authentication import AuthenticatedRequest, requires
from inference.api import fields, runs, serving, sse
from inference.api.documentation import errors
from inference.api.errors import Problem
from inference.ask import Ask
from inference.models import Generation
from inference.token_log import Embedded, Ended

router = Router(tags=["embeddings"], auth=requires("chat"))

MOST_INPUTS = 2048
"""As OpenAI has it."""
LARGEST_TOKEN = 2**31 - 1
DIGITS = 9
"""Enough to tell every 32-bit floating-point number from its neighbours."""
COMPONENT_SIZE = 4

INPUT: dict[str, Any] = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "integer"}},
        {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
    ]
}


class EmbeddingRequest(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")

    model: str = Field(examples=["parley-demo"])
    input: Any = Field(
        description="A text or a list of tokens, or a list of either.",
        examples=[["Hello", "Goodbye"]],
        json_schema_extra=INPUT,
    )
    encoding_format: Literal["float", "base64"] | None = Field(
        None, description="base64: of 32-bit floating-point numbers, little-endian."
    )
    dimensions: int | None = Field(
        None, ge=1, description="So many first components, made a vector of length 1 again."
    )
    user: str | None = None


class Embedding(Schema):
    object: Literal["embedding"]
    index: int = Field(description="Of its text in the input.")
    embedding: list[float] | str


class Usage(Schema):
    prompt_tokens: int
    total_tokens: int


class Embeddings(Schema):
    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: Usage


@router.post(
    "/embeddings",
    response={200: Embeddings, **errors(404, 500)},
    summary="Make vectors of texts",
)
async def create_embeddings(request: AuthenticatedRequest, body: EmbeddingRequest) -> HttpResponse:
    fields.refuse_extra(body.model_extra or {}, harmless=(), neutral={})
    ask = Ask(text=_inputs(body.input), kind=Generation.Kind.EMBEDDING)
    generations = await runs.start(request, runs.Order(body.model, ask, {}))
    async with serving.stopped_if_unread(generations):
        embedded = await _embedded(generations[0])
    _check_dimensions(body.dimensions, embedded.size)
    await serving.count(generations)
    # Not on the event loop: thousands of vectors take a second to write.
    content = await asyncio.to_thread(_content, body, generations[0], embedded)
    return HttpResponse(content, content_type="application/json")


def _inputs(given: Any) -> list[str] | list[list[int]]:
    """Raises Problem for what is neither a text nor a list of tokens, nor a list of those."""
    match given:
        case str():
            return [_text(given, "input")]
        case [int(), *_rest]:
            return [_tokens(given, "input")]
        case [str() | list(), *_rest] if len(given) > MOST_INPUTS:
            message = _("At most %(most)s texts can be embedded at once.")
            raise fields.invalid("input", message % {"most": MOST_INPUTS})
        case [str(), *_rest]:
            return [_text(item, f"input[{at}]") for at, item in enumerate(given)]
        case [list(), *_rest]:
            return [_tokens(item, f"input[{at}]") for at, item in enumerate(given)]
    message = _("The input must be a text or a list of tokens, or a list of either.")
    raise fields.invalid("input", message)


def _text(given: Any, where: str) -> str:
    if not isinstance(given, str) or not given:
        raise fields.invalid(where, _("A text that is not empty is needed here."))
    return given


def _tokens(given: Any, where: str) -> list[int]:
    if not isinstance(given, list) or not given:
        raise fields.invalid(where, _("A list of tokens that is not empty is needed here."))
    if not all(type(token) is int and 0 <= token <= LARGEST_TOKEN for token in given):
        raise fields.invalid(where, _("Tokens are whole numbers from 0 on."))
    return given


async def _embedded(generation: Generation) -> Embedded:
    """Raises Problem if the run ends without vectors."""
    found = None
    async with aclosing(runs.paced([generation])) as events:
        async for news in events:
            match news:
                case _, Embedded() as event:
                    found = event
                case _, Ended() as end:
                    serving.raise_if_failed(end, generation)
                    if end.status == Generation.Status.STOPPED or found is None:
                        raise _stopped(end)
                    return found
    raise AssertionError("a run's events end with Ended")


def _stopped(end: Ended) -> Problem:
    match end.reason:
        case Generation.Reason.DEADLINE:
            return Problem(503, "timeout", _("It took too long. Send fewer texts at once."))
        case Generation.Reason.CANCELLED:
            return Problem(409, "cancelled", _("The request was stopped before its end."))
    return Problem(500, "server_error", _("The vectors got lost on their way."))


def _check_dimensions(wanted: int | None, size: int) -> None:
    if wanted is not None and wanted > size:
        message = _("The model's vectors have %(size)s dimensions.") % {"size": size}
        raise fields.invalid("dimensions", message)


def _content(body: EmbeddingRequest, generation: Generation, embedded: Embedded) -> str:
    """The answer's JSON, written vector by vector, as one call for all would hold up every other
    thread."""
    write = _base64 if body.encoding_format == "base64" else _numbers
    vectors = (_shortened(vector, body.dimensions) for vector in _vectors(embedded))
    data = ",".join(
        f'{{"object":"embedding","index":{index},"embedding":{write(vector)}}}'
        for index, vector in enumerate(vectors)
    )
    tokens = generation.prompt_tokens
    rest = {
        "model": generation.model.name,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
    return f'{{"object":"list","data":[{data}],{sse.compact(rest)[1:]}'


def _vectors(embedded: Embedded) -> Iterator["array[float]"]:
    length = embedded.size * COMPONENT_SIZE
    for start in range(0, len(embedded.vectors), length):
        yield array("f", embedded.vectors[start : start + length])


def _shortened(vector: "array[float]", dimensions: int | None) -> "array[float]":
    if dimensions is None or dimensions == len(vector):
        return vector
    kept = vector[:dimensions]
    length = hypot(*kept)
    return array("f", [component / length for component in kept]) if length else kept


def _numbers(vector: "array[float]") -> str:
    return f"[{','.join(f'{component:.{DIGITS}g}' for component in vector)}]"


def _base64(vector: "array[float]") -> str:
    return f'"{b64encode(vector).decode()}"'
