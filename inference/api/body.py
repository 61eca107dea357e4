"""Request bodies: JSON that can be stored and worked with, or a clear error."""

from typing import Any

import pydantic_core
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from inference.api.errors import Problem


class StrictParser(Parser):
    """Refuses what json.loads lets through: NaN, lone surrogates, and NUL, which PostgreSQL can't
    store. Nesting is limited to some 200 levels by pydantic's parser, which also refuses any NUL
    but an escaped one."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            body = pydantic_core.from_json(request.body, allow_inf_nan=False)
        except ValueError as error:
            message = _("The body is not valid JSON: %(error)s.") % {"error": error}
            raise Problem(400, "invalid_json", message) from None
        if rb"\u0000" in request.body and (path := _find_nul(body)):
            message = _("The body has a NUL character in it.")
            raise Problem(400, "invalid_value", message, param=path.removeprefix("."))
        return body


def _find_nul(value: Any, path: str = "") -> str | None:
    """Where there is one. The text around it need not be a valid path."""
    match value:
        case str():
            return (path or ".") if "\0" in value else None
        case list():
            places = ((item, f"{path}[{at}]") for at, item in enumerate(value))
        case dict():
            places = ((item, f"{path}.{key}") for key, item in value.items())
            if any("\0" in key for key in value):
                return path or "."
        case _:
            return None
    return next((found for item, at in places if (found := _find_nul(item, at))), None)
