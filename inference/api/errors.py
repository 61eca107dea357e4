"""Whatever goes wrong, as a Problem; and a Problem in the shape that each of the APIs promises."""

from typing import Any, Protocol
from uuid import uuid4

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from redis.exceptions import RedisError

from accounts.problem import Problem as Problem
from accounts.rates import Rate, tell
from inference.admission import QueueFull
from inference.parameters import ParameterError
from inference.vocabularies import NoVocabulary


class Shape(Protocol):
    """Some APIs repeat the id of the request that met the error."""

    def __call__(self, problem: Problem, request_id: str = "") -> dict[str, Any]: ...


def request_id(request: HttpRequest) -> str:
    """By which its answer names it."""
    return str(request.META.setdefault("parley.request_id", f"req_{uuid4().hex}"))


def openai_shape(problem: Problem, request_id: str = "") -> dict[str, Any]:
    return {
        "error": {
            "message": str(problem),
            "type": _openai_type(problem.status),
            "param": problem.param,
            "code": problem.code,
        }
    }


def platform_shape(problem: Problem, request_id: str = "") -> dict[str, Any]:
    return {"error": str(problem), "code": problem.code}


def install(api: NinjaAPI, shape: Shape) -> None:
    """Answer every error that a request can cause in this shape."""

    def answer(request: HttpRequest, error: Any) -> HttpResponse:
        problem = problem_of(error)
        payload = shape(problem, request_id(request))
        response = api.create_response(request, payload, status=problem.status)
        if problem.retry_after is not None:
            response["Retry-After"] = str(problem.retry_after)
        if problem.limit is not None:
            tell(response, "requests", Rate(problem.limit, 0, problem.retry_after or 0))
        return response

    for kind in (
        Problem,
        HttpError,
        ValidationError,
        Http404,
        RequestDataTooBig,
        RawPostDataException,
        ParameterError,
        QueueFull,
        NoVocabulary,
        RedisError,
    ):
        api.add_exception_handler(kind, answer)


def problem_of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case AuthenticationError():
            # LiteLLM tells a wrong key from a bad request by OpenAI's first words.
            return Problem(401, "invalid_api_key", _("Incorrect API key provided, or none."))
        case HttpError(__cause__=Problem() as cause):  # what the parser of the body found
            return cause
        case HttpError(status_code=status):
            return of_status(status, str(error))
        case ValidationError():
            return _invalid(error)
        case Http404():
            return of_status(404)
        case RequestDataTooBig():
            return of_status(413)
        case RawPostDataException():  # it was read as a form already, in search of a CSRF token
            return Problem(400, "invalid_json", _("The body must be JSON, not a form."))
        case ParameterError():
            return Problem(400, "invalid_value", str(error), param=error.name)
        case QueueFull():
            return Problem(
                429,
                "rate_limit_exceeded",
                str(error),
                retry_after=error.retry_after,
                limit=error.limit,
            )
        case NoVocabulary():
            return Problem(503, "model_unavailable", str(error), param="model")
        case RedisError():
            return Problem(503, "overloaded", _("The server can't work just now."), retry_after=5)
    raise error


def of_status(status: int, message: str = "") -> Problem:
    """For answers of which nothing is known but their status."""
    code, sentence = {
        400: ("invalid_request", _("The request is not valid.")),
        403: ("forbidden", _("This is not allowed.")),
        404: ("not_found", _("There is nothing here.")),
        405: ("method_not_allowed", _("This address does not take that method.")),
        411: ("length_required", _("The request must tell its length.")),
        413: ("request_too_large", _("The request is too large.")),
    }.get(status, ("server_error", _("The server failed to answer.")))
    return Problem(status, code, message or sentence)


def _invalid(error: ValidationError) -> Problem:
    """The first of what a schema does not allow."""
    first = error.errors[0]
    param = _path(first["loc"])
    message = str(first["msg"]).removeprefix("Value error, ") + "."
    if param:
        message = f"{param}: {message}"
    elif first["type"] != "value_error":  # which a check of the body as a whole has found
        message = _("The request needs a JSON object as its body.")
    return Problem(
        400,
        "missing_required_parameter" if first["type"] == "missing" else "invalid_value",
        message,
        param=param or None,
    )


def _path(location: tuple[str | int, ...]) -> str:
    """Where in the request: ("body", "body", "messages", 0, "role") is messages[0].role."""
    path = ""
    for step in location[2:] if location[0] == "body" else location[1:]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


def _openai_type(status: int) -> str:
    if status == 429:
        return "requests"
    return "server_error" if status >= 500 else "invalid_request_error"
