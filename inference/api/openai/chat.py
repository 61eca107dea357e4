"""POST /v1/chat/completions: translate the request, queue a run, and translate its events."""

from django.http.response import HttpResponseBase
from ninja import Router

from accounts.authentication import AuthenticatedRequest, requires
from inference.api import runs, serving
from inference.api.documentation import errors, stream
from inference.api.fields import renamed
from inference.api.openai.answers import Chunks, Completion
from inference.api.openai.objects import ChatCompletion
from inference.api.openai.request import ChatRequest, order

router = Router(tags=["chat"], auth=requires("chat"))


EXAMPLE = """\
data: {"id":"chatcmpl-1b4e","choices":[{"index":0,"delta":{"content":"Hi"},…}],…}

data: [DONE]

"""


@router.post(
    "/chat/completions",
    response={200: ChatCompletion, **errors(404, 500)},
    summary="Create a chat completion",
    openapi_extra=stream("The completion, or its stream.", EXAMPLE),
)
async def create_completion(request: AuthenticatedRequest, body: ChatRequest) -> HttpResponseBase:
    with renamed(serving.PARAMS | {"max_tokens": body.name_of_most_tokens}):
        generations = await runs.start(request, order(body))
        async with serving.stopped_if_unread(generations):
            if body.stream:
                return await serving.stream(generations, Chunks(generations, body.includes_usage))
            return await serving.whole(generations, Completion(generations))
