"""Sampling parameters: what they may be, and where each value comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

MOST_STOPS = 16
LONGEST_STOP = 500


class ParameterError(ValueError):
    """`name` is the parameter at fault; the message is a sentence for people."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Number:
    least: float
    most: float
    whole: bool = False

    def __call__(self, name: str, value: Any) -> float | int:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            kind = _("a whole number") if self.whole else _("a number")
            raise ParameterError(
                name, _("%(name)s must be %(kind)s.") % {"name": name, "kind": kind}
            )
        if not self.least <= value <= self.most:
            raise ParameterError(
                name,
                _("%(name)s must be between %(least)s and %(most)s.")
                % {"name": name, "least": self.least, "most": self.most},
            )
        return value


def _stops(name: str, value: Any) -> list[str]:
    stops = [value] if isinstance(value, str) else value
    if not isinstance(stops, list) or not all(isinstance(stop, str) and stop for stop in stops):
        raise ParameterError(
            name, _("%(name)s must be a text or a list of texts.") % {"name": name}
        )
    if len(stops) > MOST_STOPS or any(len(stop) > LONGEST_STOP for stop in stops):
        raise ParameterError(name, _("%(name)s has too many or too long texts.") % {"name": name})
    return stops


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "temperature": Number(0, 5),
    "top_p": Number(0, 1),
    "top_k": Number(0, 1_000_000, whole=True),
    "min_p": Number(0, 1),
    "max_tokens": Number(1, 2**31 - 1, whole=True),
    "repeat_penalty": Number(0.1, 5),
    "presence_penalty": Number(-2, 2),
    "frequency_penalty": Number(-2, 2),
    "seed": Number(-(2**63), 2**63 - 1, whole=True),
    "stop": _stops,
}


def clean(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The known parameters of `raw` that have a value. Raises ParameterError for any other."""
    for name in raw:
        if name not in CHECKS:
            raise ParameterError(name, _("%(name)s is not a known parameter.") % {"name": name})
    return {name: CHECKS[name](name, value) for name, value in raw.items() if value is not None}


def defaults() -> dict[str, Any]:
    return {
        "temperature": settings.TEMPERATURE,
        "top_p": settings.TOP_P,
        "top_k": 40,
        "min_p": 0.0,
        "repeat_penalty": settings.REPETITION_PENALTY,
        "max_tokens": settings.MAX_NEW_TOKENS,
    }
