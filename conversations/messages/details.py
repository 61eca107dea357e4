"""How an answer came about: what its run was asked for, and what it took."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from conversations.parameters.forms import LABELS
from inference.models import Generation


@dataclass(frozen=True)
class Row:
    label: str
    value: str
    copied: str = ""
    """What a button beside it puts into the clipboard, if it has one."""


@dataclass(frozen=True)
class Part:
    title: str
    rows: list[Row]


def details(run: Generation, zone: tzinfo) -> list[Part]:
    """Moments are in the time zone `zone`."""
    return [
        Part(_("Answer"), [Row(*row) for row in _answer(run) if row[1]]),
        Part(_("Tokens"), [Row(*row) for row in _tokens(run)]),
        Part(_("Time"), [Row(*row) for row in _times(run, zone) if row[1]]),
        Part(_("Parameters"), list(_parameters(run.parameters))),
    ]


def _answer(run: Generation) -> Iterator[tuple[str, str]]:
    yield _("Model"), str(run.model)
    yield _("How it ended"), run.get_reason_display()
    if run.error:
        yield _("Error"), run.failure


def _tokens(run: Generation) -> Iterator[tuple[str, str]]:
    yield _("Prompt"), _whole(run.prompt_tokens)
    yield _("Of these reused"), _whole(run.cached_tokens)
    yield _("Generated"), _whole(run.completion_tokens)


def _times(run: Generation, zone: tzinfo) -> Iterator[tuple[str, str]]:
    moment = timezone.localtime(run.created_at, zone)
    speed = run.tokens_per_second
    yield _("Asked"), date_format(moment, "DATETIME_FORMAT")
    yield _("Wait in the queue"), _seconds(run.queue_wait)
    yield _("To the first token"), _seconds(run.time_to_first_token)
    yield _("Work, without the wait"), _seconds(run.seconds)
    if speed:
        yield _("Speed"), _("%(speed)s tokens/s") % {"speed": number_format(round(speed, 1), 1)}


def _parameters(values: dict[str, Any]) -> Iterator[Row]:
    """The usual ones by their names, then what only programs ask for."""
    for name in sorted(values, key=lambda name: (name not in LABELS, *_place(name))):
        value = _text(values[name])
        yield Row(str(LABELS.get(name, name)), value, value if name == "seed" else "")


def _place(name: str) -> tuple[int, str]:
    known = list(LABELS)
    return (known.index(name) if name in known else 0, name)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _whole(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return _("%(seconds)s s") % {"seconds": number_format(round(seconds, 2), 2)}
