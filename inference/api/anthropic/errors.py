"""Errors in the shape of Anthropic's API."""

from typing import Any

from inference.api.errors import Problem

TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}


def anthropic_shape(problem: Problem, request_id: str = "") -> dict[str, Any]:
    """It has no field for the part of the request that is at fault, so the message names it."""
    message = str(problem)
    if problem.param and not message.startswith(problem.param):
        message = f"{problem.param}: {message}"
    return {
        "type": "error",
        "error": {"type": _type(problem.status), "message": message},
        "request_id": request_id or None,
    }


def _type(status: int) -> str:
    return TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
