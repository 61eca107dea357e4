"""Sums over the accounts of runs. Each function is one query, on SQLite as on PostgreSQL."""

from collections import defaultdict
from statistics import mean
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from admin_panel.periods import Period
from inference.models import Generation, UsageLog

DONE = Q(status=Generation.Status.DONE)
FAILED = Q(status=Generation.Status.FAILED)

Totals = dict[str, float]


def totals(periods: dict[str, Period]) -> dict[str, Totals]:
    """By the period's name: users, answers, tokens, failed."""
    wanted: dict[str, Any] = {}
    for name, period in periods.items():
        wanted[f"{name}_users"] = Count("user", distinct=True, filter=period.rows)
        wanted[f"{name}_answers"] = Count("pk", filter=period.rows & DONE)
        wanted[f"{name}_tokens"] = Sum("total_tokens", filter=period.rows, default=0)
        wanted[f"{name}_failed"] = Count("pk", filter=period.rows & FAILED)
    found = _within(periods).aggregate(**wanted)
    sorted_out: dict[str, Totals] = defaultdict(dict)
    for key, value in found.items():
        name, figure = key.split("_")
        sorted_out[name][figure] = value
    return sorted_out


def median_first_token(periods: dict[str, Period]) -> dict[str, float]:
    """Seconds, by the period's name, for those with any; the periods must not overlap."""
    cases = [When(period.rows, then=Value(name)) for name, period in periods.items()]
    middle = (
        _within(periods)
        .filter(time_to_first_token__isnull=False)
        .annotate(period=Case(*cases, output_field=CharField()))
        .annotate(
            twice=2 * Window(RowNumber(), partition_by="period", order_by="time_to_first_token"),
            count=Window(Count("pk"), partition_by="period"),
        )
        .filter(twice__gte=F("count"), twice__lte=F("count") + 2)
        .order_by()
    )
    values: dict[str, list[float]] = defaultdict(list)
    for name, seconds in middle.values_list("period", "time_to_first_token"):
        values[name].append(seconds)
    return {name: mean(found) for name, found in values.items()}


def top(fields: list[str], period: Period, count: int) -> list[dict[str, Any]]:
    """Those with the most tokens, by these fields."""
    rows = UsageLog.objects.filter(period.rows).order_by().values(*fields)
    sums = rows.annotate(answers=Count("pk", filter=DONE), tokens=Sum("total_tokens"))
    return list(sums.order_by("-tokens")[:count])


def _within(periods: dict[str, Period]) -> Any:
    condition = Q()
    for period in periods.values():
        condition |= period.rows
    return UsageLog.objects.filter(condition).order_by()
