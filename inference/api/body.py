"""Request bodies: JSON that can be stored and worked with, or a clear error."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import pydantic_core
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from inference.api.errors import Problem

SHAPE = bytes.maketrans(b"123456789E", b"000000000e")
LARGE = (b"0e000", b"0e+000", b"0" * 200)
"""What numbers that are too large for a float have in them, all digits being alike; some smaller
ones, and texts, have it as well."""


class StrictParser(Parser):
    """Refuses what json.loads lets through: NaN, numbers that would be infinite, lone surrogates,
    and NUL, which PostgreSQL can't store. Nesting is limited to some 200 levels by pydantic's
    parser, which also refuses any NUL but an escaped one."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            body = pydantic_core.from_json(request.body, allow_inf_nan=False)
        except ValueError as error:
            message = _("The body is not valid JSON: %(error)s.") % {"error": error}
            raise Problem(400, "invalid_json", message) from None
        if rb"\u0000" in request.body:
            _refuse(body, _has_nul, _("The body has a NUL character in it."))
        shape = request.body.translate(SHAPE)
        if any(part in shape for part in LARGE):
            _refuse(body, _is_infinite, _("The body has a number that is too large."))
        return body


def _refuse(body: Any, is_bad: Callable[[Any], bool], message: str) -> None:
    """Raises Problem if any part of the body is that bad."""
    if (path := _find(body, is_bad)) is not None:
        raise Problem(400, "invalid_value", message, param=path.removeprefix("."))


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any("\0" in key for key in value)
    return False


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float) and math.isinf(value)


def _find(value: Any, is_bad: Callable[[Any], bool]) -> str | None:
    """Where there is one. The text around it need not be a valid path."""
    if is_bad(value):
        return ""
    places: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, list):
        places = enumerate(value)
    elif isinstance(value, dict):
        places = value.items()
    for place, part in places:
        # A body may be millions of whole numbers, and they are never bad.
        if type(part) is not int and (found := _find(part, is_bad)) is not None:
            return f"[{place}]{found}" if isinstance(value, list) else f".{place}{found}"
    return None
