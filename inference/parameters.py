"""Sampling parameters: what they may be, and where each value comes from."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from inference.engine.json_schema import check_depth
from inference.engine.lark import GrammarError
from inference.engine.rules import Rules, check

MOST_STOPS = 16
LONGEST_STOP = 500
MOST_BIASES = 1024
MOST_ALTERNATIVES = 20


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


_check_rules = lru_cache(maxsize=16)(check)
"""The choices of a request have the same one, and a large one takes a tenth of a second."""


def _grammar(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ParameterError(name, _("%(name)s must be a text.") % {"name": name})
    try:
        if value:
            _check_rules(Rules("gbnf", value))
    except GrammarError as error:
        raise ParameterError(name, str(error)) from None
    return value


def _json_schema(name: str, value: Any) -> dict[str, Any]:
    """An empty one, which any JSON value follows, is one as well."""
    if not isinstance(value, dict):
        raise ParameterError(name, _("%(name)s must be an object.") % {"name": name})
    try:
        check_depth(value)
        _check_rules(Rules("json_schema", json.dumps(value)))
    except GrammarError as error:
        raise ParameterError(name, str(error)) from None
    return value


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ParameterError(name, _("%(name)s must be true or false.") % {"name": name})
    return value


def _biases(name: str, value: Any) -> dict[str, float]:
    """Tokens in their one spelling. Those that a model does not have do nothing."""
    if not isinstance(value, dict) or len(value) > MOST_BIASES:
        raise ParameterError(
            name,
            _("%(name)s must be an object with at most %(most)s tokens and a number for each.")
            % {"name": name, "most": MOST_BIASES},
        )
    return {_token(name, token): _bias(name, bias) for token, bias in value.items()}


def _token(name: str, token: Any) -> str:
    if not (isinstance(token, str) and token.isascii() and token.isdecimal() and len(token) < 10):
        raise ParameterError(
            name,
            _("%(name)s has a key that is not the id of a token, such as “50”.") % {"name": name},
        )
    return str(int(token))


_bias = Number(-100, 100)


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
    "logit_bias": _biases,
    "ignore_eos": _truth,
    "logprobs": _truth,
    "top_logprobs": Number(0, MOST_ALTERNATIVES, whole=True),
    "grammar": _grammar,
    "json_schema": _json_schema,
}

OF_ONE_ANSWER = {
    "logit_bias",
    "ignore_eos",
    "logprobs",
    "top_logprobs",
    "grammar",
    "json_schema",
}
"""What a program asks of a single answer; as a model's defaults they would make no sense."""


def clean(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The known parameters of `raw` that have a value. Raises ParameterError for any other."""
    for name in raw:
        if name not in CHECKS:
            raise ParameterError(name, _("%(name)s is not a known parameter.") % {"name": name})
    cleaned = {name: CHECKS[name](name, value) for name, value in raw.items() if value is not None}
    if cleaned.get("top_logprobs") and not cleaned.get("logprobs"):
        raise ParameterError("top_logprobs", _("top_logprobs needs logprobs to be true."))
    if cleaned.get("grammar") and "json_schema" in cleaned:
        raise ParameterError(
            "json_schema", _("An answer can follow either json_schema or grammar, not both.")
        )
    return cleaned


def defaults() -> dict[str, Any]:
    return {
        "temperature": settings.TEMPERATURE,
        "top_p": settings.TOP_P,
        "top_k": 40,
        "min_p": 0.0,
        "repeat_penalty": settings.REPETITION_PENALTY,
        "max_tokens": settings.MAX_NEW_TOKENS,
    }


def resolved(own: Mapping[str, Any], requested: Mapping[str, Any]) -> dict[str, Any]:
    """The request's values over the model's own over the installation's; always with a seed.

    Raises ParameterError.
    """
    values = defaults() | clean(own) | clean(requested)
    values.setdefault("seed", secrets.randbits(31))
    return values
