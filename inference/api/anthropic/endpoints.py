"""Anthropic's Messages API: POST /v1/messages, and how long a prompt would be."""

from typing import Any, Literal

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from inference.api import runs, single
from inference.api.anthropic.events import Writer
from inference.api.anthropic.request import PARAMS, Counted, MessagesRequest, ask, order
from inference.api.documentation import errors, stream
from inference.api.fields import invalid, renamed, unsupported
from inference.api.images import Images
from inference.ask import with_system_prompt
from inference.vocabularies import vocabulary_of

router = Router(tags=["messages"], auth=requires("chat"))

EXAMPLE = (
    "event: content_block_delta\n"
    'data: {"type":"content_block_delta","index":0,'
    '"delta":{"type":"text_delta","text":"Hello"}}\n\n'
)


class Usage(Schema):
    input_tokens: int = Field(description="Of the prompt, without those from the cache.")
    cache_creation_input_tokens: int
    cache_read_input_tokens: int
    output_tokens: int


class Message(Schema):
    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[dict[str, Any]] = Field(description="Blocks of type text or tool_use.")
    stop_reason: Literal["end_turn", "max_tokens", "stop_sequence", "tool_use"]
    stop_sequence: str | None
    usage: Usage


class TokenCount(Schema):
    input_tokens: int


@router.post(
    "/messages",
    response={200: Message, **errors(404, 500)},
    summary="Create a message",
    openapi_extra=stream("The message, or its stream.", EXAMPLE),
)
async def create_message(request: AuthenticatedRequest, body: MessagesRequest) -> HttpResponseBase:
    """If the client goes away, the run is stopped."""
    with renamed(PARAMS):
        [generation] = await runs.start(request, order(body))
        return await single.answer(generation, Writer(generation), bool(body.stream))


@router.post(
    "/messages/count_tokens",
    response={200: TokenCount, **errors(404)},
    summary="Count the tokens of a prompt",
)
def count_tokens(request: AuthenticatedRequest, body: Counted) -> dict[str, int]:
    """Of all that the model would read, in its chat template. Nothing is dropped to fit. Only a
    worker can tell how many tokens an image takes, so none are counted here."""
    images = Images("image")
    model, asked = runs.usable_model(request, body.model), ask(body, images)
    for sent in images.sent:
        raise unsupported(f"{sent.where}.type", _("The tokens of images can't be counted."))
    messages, _public = with_system_prompt(model, asked)
    vocabulary = vocabulary_of(model)
    try:
        prompt = vocabulary.render(messages, asked.tools)
    except Exception:  # the template is the model's own program, which may raise anything
        raise invalid("messages", _("The model can't read these messages.")) from None
    return {"input_tokens": len(vocabulary.tokenize(prompt))}
