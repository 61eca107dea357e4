"""What every answer under the APIs' addresses has, whichever part of the server gave it."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from accounts.middlewares import Course, middleware
from inference.api.anthropic.errors import anthropic_shape
from inference.api.errors import Shape, of_status, openai_shape, platform_shape, request_id

SHAPES: dict[str, Shape] = {
    "/v1/messages": anthropic_shape,
    "/v1/": openai_shape,
    "/api/v1/": platform_shape,
}
"""The first that an address begins with counts."""


@middleware
def api_answers(request: HttpRequest) -> Course:
    """Gives each answer an id, and errors that no API function has made (an unknown address, a
    method that is not allowed, a failure) the form that the API promises."""
    shape = _shape(request)
    if shape and (refusal := _refusal(request, shape)):
        _finish(request, refusal, shape)
        return refusal
    response = yield None
    if shape:
        _finish(request, response, shape)
    return None


def _shape(request: HttpRequest) -> Shape | None:
    return next((shape for at, shape in SHAPES.items() if request.path.startswith(at)), None)


def _refusal(request: HttpRequest, shape: Shape) -> HttpResponseBase | None:
    """A body of unknown length can't be limited before it is read."""
    if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
        return JsonResponse(shape(of_status(411), request_id(request)), status=411)
    return None


def _finish(request: HttpRequest, response: HttpResponseBase, shape: Shape) -> None:
    id = request_id(request)
    is_json = response.get("Content-Type", "").startswith("application/json")
    if response.status_code >= 400 and isinstance(response, HttpResponse) and not is_json:
        response.content = json.dumps(shape(of_status(response.status_code), id))
        response["Content-Type"] = "application/json"
        response["Content-Length"] = str(len(response.content))
    response["X-Request-Id"] = response["Request-Id"] = id  # OpenAI's name for it, and Anthropic's
