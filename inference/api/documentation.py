"""What the OpenAPI documents say beyond the functions' own signatures: errors and streams.

An operation names the errors that are its own, `response={200: Chat, **errors(409)}`. Those that
any request can meet (no key, a body that is not JSON, too many requests, …) are added to each
operation that can give them, with an example of each, in the form that the API's errors have.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Literal

from ninja import NinjaAPI, Schema
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from pydantic import Field

from inference.api.errors import Problem, Shape

HTTP_METHODS = {"get", "put", "post", "delete", "patch"}


class Error(Schema):
    """What every answer says that is not a success."""

    error: str = Field(description="A sentence for people.")
    code: str = Field(description="A word for programs.")


class OpenAIErrorDetails(Schema):
    message: str = Field(description="A sentence for people.")
    type: str
    param: str | None = Field(description="The part of the request that is at fault.")
    code: str | None = Field(description="A word for programs.")


class OpenAIError(Schema):
    """What every answer says that is not a success, as OpenAI's API does."""

    error: OpenAIErrorDetails


class AnthropicErrorDetails(Schema):
    type: str
    message: str = Field(description="A sentence for people.")


class AnthropicError(Schema):
    """What every answer says that is not a success, as Anthropic's API does."""

    type: Literal["error"]
    error: AnthropicErrorDetails
    request_id: str | None


EXAMPLES = {
    400: ("invalid_value", "temperature must be between 0 and 5."),
    401: ("invalid_api_key", "Incorrect API key provided, or none."),
    403: ("forbidden", "This is not allowed."),
    404: ("not_found", "There is nothing here."),
    409: ("conflict", "An answer is still being written. Wait for its end, or stop it."),
    411: ("length_required", "The request must tell its length."),
    413: ("request_too_large", "The request is too large."),
    429: ("rate_limit_exceeded", "You have too many messages waiting already."),
    500: ("server_error", "The model failed to answer."),
    503: ("overloaded", "No worker is running."),
}
"""A code and a sentence of each status."""


EVENT = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["data"],
}

IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Of your making: the same request with the same key is answered once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}


def errors(*statuses: int) -> dict[int, Any]:
    """For an operation's `response`: errors that only the operation itself knows of."""
    return dict.fromkeys(statuses)  # what they look like is the API's matter


def stream(description: str, example: str) -> dict[str, Any]:
    """For an operation's `openapi_extra`: its 200 is a stream of server-sent events. As usual, the
    schema is that of one event; the example is the stream as it is sent."""
    content = {"text/event-stream": {"schema": EVENT, "example": example}}
    return {"responses": {200: {"description": description, "content": content}}}


class DocumentedAPI(NinjaAPI):
    """`shape` makes errors what `error` describes."""

    def __init__(self, *, error: type[Schema], shape: Shape, **options: Any) -> None:
        super().__init__(**options)
        self._error = error
        self._shape = shape
        self._documented: OpenAPISchema | None = None

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Made once, as it takes a while and everybody may ask for it."""
        if self._documented is None:
            schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
            self._documented = self._document(schema)
        return self._documented

    def _document(self, schema: OpenAPISchema) -> OpenAPISchema:
        described = self._error.model_json_schema(ref_template=REF_TEMPLATE)
        components = schema["components"]["schemas"]
        components.update(described.pop("$defs", {}))
        components[self._error.__name__] = described
        for method, operation in operations(schema):
            if method == "post":
                operation["parameters"].append(IDEMPOTENCY_KEY)
            responses = operation["responses"]
            known = {status for status in responses if status >= 400}
            for status in sorted(known | set(_general_errors(method, operation))):
                responses[status] = self._response(status)
        return schema

    def _response(self, status: int) -> dict[str, Any]:
        code, sentence = EXAMPLES[status]
        content = {
            "schema": {"$ref": REF_TEMPLATE.format(model=self._error.__name__)},
            "example": self._shape(Problem(status, code, sentence)),
        }
        response = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/json": content},
        }
        if status in (429, 503):
            seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
            response["headers"] = {"Retry-After": seconds}
        return response


def operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with its method."""
    for path in schema["paths"].values():
        yield from ((method, path[method]) for method in HTTP_METHODS & set(path))


def _general_errors(method: str, operation: Mapping[str, Any]) -> Iterator[int]:
    parameters = operation.get("parameters", [])
    if "requestBody" in operation or parameters:
        yield 400
    if method == "post":
        yield 409  # its Idempotency-Key is in use
    if "requestBody" in operation:
        yield from (411, 413)
    if "security" in operation:
        yield from (401, 403, 429, 503)
    if any(parameter["in"] == "path" for parameter in parameters):
        yield 404
