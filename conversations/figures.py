"""The quiet line below an answer: what it took."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inference.models import Generation


def figures(generation: Generation) -> list[str]:
    return [part for part in _parts(generation) if part]


def _parts(generation: Generation) -> list[str]:
    count = generation.completion_tokens
    speed = generation.tokens_per_second
    return [
        _ending(generation),
        _tokens(count) if count else "",
        _seconds(generation.seconds),
        _("%(speed)s tokens/s") % {"speed": _rounded(speed, 1)} if speed else "",
        _first_token(generation.time_to_first_token),
        _reused(generation),
    ]


def _ending(generation: Generation) -> str:
    if generation.reason == Generation.Reason.DEADLINE:
        return _("Stopped, as it took too long")
    if generation.status == Generation.Status.STOPPED:
        return _("Stopped")
    if generation.reason == Generation.Reason.LENGTH:
        return _("Cut at the longest answer allowed")
    return ""


def _tokens(count: int) -> str:
    return ngettext("%(count)s token", "%(count)s tokens", count) % {"count": _grouped(count)}


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return _("%(seconds)s s") % {"seconds": _rounded(seconds, 1 if seconds < 100 else 0)}


def _first_token(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return _("first token %(seconds)s s") % {"seconds": _rounded(seconds, 2)}


def _reused(generation: Generation) -> str:
    if not generation.cached_tokens:
        return ""
    share = 100 * generation.cached_tokens // max(1, generation.prompt_tokens)
    return _("prompt %(share)s %% reused") % {"share": share}


def _grouped(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def _rounded(number: float, places: int) -> str:
    """number_format alone cuts off."""
    return number_format(round(number, places), places)
