"""How times are written, and numbers compared with those before."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from conversations.numbers import NOTHING


def seconds(value: float | None) -> str:
    if value is None:
        return NOTHING
    if value < 100:
        text = number_format(value, 2 if value < 10 else 1)
        return _("%(seconds)s\N{NO-BREAK SPACE}s") % {"seconds": text}
    minutes, rest = divmod(round(value), 60)
    return _("%(minutes)d min %(seconds)02d s") % {"minutes": minutes, "seconds": rest}


def moment(value: datetime | None) -> str:
    """To the second, as runs follow each other closely; the year only where it is another."""
    if value is None:
        return NOTHING
    value = timezone.localtime(value)
    is_recent = value.year == timezone.localtime().year
    return date_format(value, "j M H:i:s" if is_recent else "j M Y H:i")


@dataclass(frozen=True)
class Change:
    text: str
    direction: str
    """up, down or same."""


def change(now: float | None, before: float | None) -> Change | None:
    """None where there is nothing to compare with."""
    if now is None or not before:
        return None
    percent = round(100 * (now - before) / before)
    direction = "up" if percent > 0 else "down" if percent < 0 else "same"
    return Change(_("%(percent)+d %%") % {"percent": percent} if percent else "±0 %", direction)
