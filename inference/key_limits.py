"""What an API key may still have models do: tokens of the day, and answers at once.

The limits of the key that made a key hold for both together.
"""

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import APIKey
from accounts.problem import Problem
from inference import line
from inference.admission import SOON, retry_after
from inference.models import AIModel, Generation, UsageLog


@dataclass(frozen=True)
class DayOfTokens:
    """The tokens of a key's prompts and answers since midnight."""

    limit: int
    used: int
    reserved: int
    """By runs that have not ended: their prompts, by the estimate, and the longest answers that
    they can have."""

    @property
    def remaining(self) -> int:
        return max(self.limit - self.used - self.reserved, 0)


def day_of_tokens(key: APIKey) -> DayOfTokens | None:
    """Of the tightest of the limits that hold for the key; None if there is none."""
    days = [
        _day(each, each.tokens_per_day) for each in key.lineage if each.tokens_per_day is not None
    ]
    return min(days, key=lambda day: day.remaining, default=None)


def _day(key: APIKey, limit: int) -> DayOfTokens:
    """What runs take is counted before what ended ones took: one that ends meanwhile counts twice,
    where it would not count at all the other way round."""
    reserved = _reserved(key)
    return DayOfTokens(limit, _used(key), reserved)


def seconds_of_day_left() -> float:
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    return (midnight + timedelta(days=1) - timezone.now()).total_seconds()


def check_choices(key: APIKey | None, choices: int, param: str) -> None:
    """Raises Problem for more choices than may ever wait or be worked on: to ask again later would
    not help. `param` is what asks for so many."""
    of_key = [each.running_at_once for each in key.lineage] if key else []
    limits = [settings.MAX_WAITING_PER_USER, settings.MAX_WAITING, *of_key]
    most = min(limit for limit in limits if limit is not None)
    if choices > most:
        message = _("%(param)s asks for more than the %(most)d answers that you may have at once.")
        raise Problem(400, "invalid_value", message % {"param": param, "most": most}, param=param)


def longest_answer(
    key: APIKey, model: AIModel, kind: str, prompt_tokens: int, answers: int
) -> int | None:
    """How many tokens a run's answer may have, so that all of its request fit into the key's day:
    so many `answers` are still to be added, this one included. None: as many as are asked for.
    Raises Problem for a run that is more than the key may ask for.

    To be called in the transaction that adds the run, when the user's row is locked: then the
    limits are exact, but for the prompts, whose tokens are only estimated before they are read.
    """
    for each in key.lineage:
        if each.running_at_once is not None:
            _check_at_once(each, each.running_at_once, model)
    day = day_of_tokens(key)
    if day is None:
        return None
    if kind == Generation.Kind.EMBEDDING:
        _check_tokens(day, max(prompt_tokens, 1), model)
        return None
    _check_tokens(day, prompt_tokens + answers, model)
    return (day.remaining - prompt_tokens) // answers


def _check_at_once(key: APIKey, limit: int, model: AIModel) -> None:
    if _live(key).count() >= limit:
        message = _("This API key may have %(limit)d requests at once.") % {"limit": limit}
        wait = _until_one_ends(model)
        raise Problem(429, "rate_limit_exceeded", message, retry_after=wait, limit=limit)


def _check_tokens(day: DayOfTokens, least: int, model: AIModel) -> None:
    """`least` are the tokens of the prompt and of the shortest answers to it."""
    if least > day.limit:
        message = _("This takes more than the %(limit)d tokens that this API key has a day.")
        raise Problem(400, "context_length_exceeded", message % {"limit": day.limit})
    if least > day.remaining:
        message = _("The %(limit)d tokens that this API key has a day are used up.")
        is_used_up = day.used + least > day.limit
        wait = math.ceil(seconds_of_day_left()) if is_used_up else _until_one_ends(model)
        raise Problem(429, "rate_limit_exceeded", message % {"limit": day.limit}, retry_after=wait)


def _until_one_ends(model: AIModel) -> int:
    return retry_after(line.pace(model.pk), otherwise=SOON)


def _used(key: APIKey) -> int:
    today = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    rows = UsageLog.objects.filter(_of(key), user=key.user_id, created_at__gte=today)
    used: int = rows.aggregate(used=Sum("total_tokens", default=0))["used"]
    return used


def _reserved(key: APIKey) -> int:
    """An answer is never longer than what its model reads and writes in all."""
    columns = ("kind", "prompt_tokens", "parameters__max_tokens", "model__context_window")
    reserved = 0
    for kind, prompt, answer, context in _live(key).values_list(*columns):
        reserved += prompt
        if kind != Generation.Kind.EMBEDDING:
            reserved += min(answer, context or settings.N_CTX)
    return reserved


def _live(key: APIKey) -> QuerySet[Generation]:
    """Found by the indexes of the queue, first those that wait, so that none is missed that begins
    meanwhile: a user may have had a great many runs."""
    own = Generation.objects.filter(user=key.user_id).order_by().values_list("pk", flat=True)
    ids = [pk for status in Generation.LIVE for pk in own.filter(status=status)]
    return Generation.objects.filter(_of(key), pk__in=ids).order_by()


def _of(key: APIKey) -> Q:
    """Rows of the key, and of those that it made."""
    return Q(api_key=key) | Q(api_key__issued_by=key)
