"""POST /v1/responses: OpenAI's Responses API, as far as nothing has to be kept for it."""

from typing import Any, Literal

from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from inference.api import runs, single
from inference.api.documentation import errors, stream
from inference.api.fields import renamed
from inference.api.responses.events import Writer
from inference.api.responses.request import PARAMS, ResponsesRequest, order

router = Router(tags=["responses"], auth=requires("chat"))

EXAMPLE = (
    "event: response.output_text.delta\n"
    'data: {"type":"response.output_text.delta","item_id":"msg_1","output_index":0,'
    '"content_index":0,"delta":"Hello","logprobs":[],"sequence_number":4}\n\n'
)


class Response(Schema):
    """And what else OpenAI's has, most of it repeated from the request."""

    id: str
    object: Literal["response"]
    status: Literal["completed", "incomplete"]
    model: str
    output: list[dict[str, Any]] = Field(description="Items of type message or function_call.")
    incomplete_details: dict[str, str] | None
    usage: dict[str, Any]


@router.post(
    "/responses",
    response={200: Response, **errors(404, 500)},
    summary="Create a response",
    openapi_extra=stream("The response, or its stream.", EXAMPLE),
)
async def create_response(
    request: AuthenticatedRequest, body: ResponsesRequest
) -> HttpResponseBase:
    """Nothing of it is kept, whatever `store` says: the next request brings the whole
    conversation. If the client goes away, the run is stopped."""
    with renamed(PARAMS):
        [generation] = await runs.start(request, order(body))
        return await single.answer(generation, Writer(generation, body), bool(body.stream))
