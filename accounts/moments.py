"""Moments in requests: as people and programs write them."""

from datetime import date
from typing import Any


def written(value: Any) -> Any:
    """For pydantic.BeforeValidator. Numbers are refused, in which pydantic sees seconds or even
    milliseconds since 1970, whichever is more likely. Raises ValueError."""
    is_moment = value is None or isinstance(value, date)
    if is_moment or (isinstance(value, str) and value[4:5] == "-"):
        return value
    raise ValueError("must be written like 2026-01-31T12:00:00Z")
