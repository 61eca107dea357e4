"""What somebody has used, and what is left of their limits."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from accounts.models import APIKey, User
from conversations import spreadsheet
from conversations.pages import page
from conversations.plot import plot
from conversations.requests import HtmxHttpRequest, signed_in
from inference.key_limits import DayOfTokens, day_of_tokens
from inference.models import Generation, UsageLog
from inference.usage_days import of_last_days, tokens_by_day

SPANS = (30, 90)
"""Days that can be looked at."""
COLUMNS = {
    "day": "day",
    "model_name": "model",
    "answers": "answers",
    "prompt": "prompt tokens",
    "reused": "of these reused",
    "generated": "generated tokens",
    "cost": "cost",
}
"""Of the CSV file, which reads the same in every language."""


@dataclass(frozen=True)
class KeyLimits:
    key: APIKey
    day: DayOfTokens | None


@require_GET
@gzip_page
@signed_in
def usage(request: HtmxHttpRequest) -> HttpResponse:
    days, model = _span(request), request.GET.get("model", "").replace("\0", "")[:100]
    own = UsageLog.objects.filter(user=request.user)
    by_day = tokens_by_day(own.filter(model_name=model) if model else own, days)
    context = {
        "tab": "usage",
        "days": days,
        "spans": SPANS,
        "model": model,
        "plot": plot(by_day),
        "by_day": [day for day in reversed(by_day) if day.tokens],
        "by_model": _by_model(own, days),
        "limits": _limits(request.user),
        "waiting": Generation.objects.filter(
            user=request.user, status=Generation.Status.QUEUED
        ).count(),
        "most_waiting": settings.MAX_WAITING_PER_USER,
    }
    return page(request, "account_pages/usage.html", context)


@require_GET
@signed_in
def as_csv(request: HtmxHttpRequest) -> HttpResponse:
    """By day and model."""
    own = UsageLog.objects.filter(user=request.user)
    rows = of_last_days(own, _span(request)).annotate(day=TruncDate("created_at"))
    sums = rows.values("day", "model_name").annotate(**_sums()).order_by("day", "model_name")
    text = spreadsheet.write(list(COLUMNS.values()), sums.values_list(*COLUMNS))
    name = f"parley-usage-{timezone.localdate():%Y-%m-%d}.csv"
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _span(request: HtmxHttpRequest) -> int:
    asked = request.GET.get("days", "")
    return next((span for span in SPANS if str(span) == asked), SPANS[0])


def _by_model(own: QuerySet[UsageLog], days: int) -> list[dict[str, Any]]:
    """The one with the most tokens first."""
    rows: Any = of_last_days(own, days).values("model_name").annotate(**_sums())
    return list(rows.order_by("-tokens", "model_name"))


def _sums() -> dict[str, Any]:
    return {
        "answers": Count("pk"),
        "prompt": Sum("input_tokens"),
        "reused": Sum("cached_tokens"),
        "generated": Sum("output_tokens"),
        "tokens": Sum("total_tokens"),
        "cost": Sum("cost"),
    }


def _limits(user: User) -> list[KeyLimits]:
    """Of the keys that can be used and have any."""
    keys = user.api_keys.filter(is_active=True).select_related("user", "issued_by")
    limited = [KeyLimits(key, day_of_tokens(key)) for key in keys if key.is_usable]
    return [one for one in limited if one.day or one.key.requests_per_minute]
