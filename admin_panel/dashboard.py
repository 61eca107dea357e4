"""What the admin opens with: today against last week, who is working now, the last days."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from admin_panel import usage_figures
from admin_panel.admin.models import describe
from admin_panel.figures import Change, change, seconds
from admin_panel.periods import Period, last_week, so_far_today
from admin_panel.rights import may_view
from conversations.numbers import number, short
from conversations.plot import Plot, plot
from inference import presence
from inference.models import AIModel, Generation, UsageLog
from inference.usage_days import Day, tokens_by_day

DAYS = 14
TOP = 5


def add_figures(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Each part is for those who may see the rows behind it."""
    sees_usage, sees_runs, sees_models = (
        may_view(request, "inference", model) for model in ("usagelog", "generation", "aimodel")
    )
    if sees_usage:
        context |= _usage()
    if sees_runs:
        context["failures"] = _failures(last_week())
    if sees_models or sees_runs:
        context["now"] = _now(sees_models, sees_runs)
    return context


@dataclass(frozen=True)
class Amount:
    text: str
    url: str
    change: Change | None = None


@dataclass(frozen=True)
class Card:
    title: str
    today: Amount
    then: Amount
    """The same hours a week ago."""
    week: Amount
    week_before: Amount
    less_is_better: bool = False


def _usage() -> dict[str, Any]:
    today, week = so_far_today(), last_week()
    periods = {"today": today, "then": today.before(), "week": week, "before": week.before()}
    totals = usage_figures.totals(periods)
    for pair in (("today", "then"), ("week", "before")):
        medians = usage_figures.median_first_token({name: periods[name] for name in pair})
        for name, median in medians.items():
            totals[name]["first_token"] = median
    return {
        "weekday": date_format(today.start, "l"),
        "cards": _cards(periods, totals),
        "plot": _tokens_plot(),
        "top_users": _top_users(week),
        "top_models": _top_models(week),
    }


def _cards(periods: dict[str, Period], totals: dict[str, usage_figures.Totals]) -> list[Card]:
    def card(title: str, figure: str, write: Any = short, **filters: str) -> Card:
        page = "accounts_user" if figure == "users" else "inference_usagelog"

        def amount(name: str, before: str = "") -> Amount:
            value = totals[name].get(figure)
            compared = change(value, totals[before].get(figure)) if before else None
            return Amount(write(value), _rows(page, _span(page, periods[name]) | filters), compared)

        return Card(
            title,
            today=amount("today", "then"),
            then=amount("then"),
            week=amount("week", "before"),
            week_before=amount("before"),
            less_is_better=figure in ("first_token", "failed"),
        )

    return [
        card(_("Active users"), "users"),
        card(_("Answers"), "answers", status__exact="done"),
        card(_("Tokens"), "tokens"),
        card(_("Time to first token"), "first_token", seconds, o="9"),
        card(_("Failed"), "failed", status__exact="failed"),
    ]


def _span(page: str, period: Period) -> dict[str, str]:
    prefix = "usage__" if page == "accounts_user" else ""
    return {f"{prefix}{name}": value for name, value in period.query.items()}


def _rows(page: str, query: dict[str, Any]) -> str:
    return f"{reverse(f'admin:{page}_changelist')}?{urlencode(query)}"


def _tokens_plot() -> Plot:
    days = tokens_by_day(UsageLog.objects.all(), DAYS)
    urls = [_day_url(day) for day in days]
    return plot(days, urls)


def _day_url(day: Day) -> str:
    on = day.day.isoformat()
    return _rows("inference_usagelog", {"created_at_from": on, "created_at_to": on})


def _top_users(week: Period) -> list[dict[str, Any]]:
    rows = usage_figures.top(["user", "user__name", "user__email"], week, TOP)
    return [
        {
            "name": row["user__name"] or row["user__email"],
            "answers": number(row["answers"]),
            "tokens": number(row["tokens"]),
            "url": _rows("inference_usagelog", {"user__id__exact": row["user"]} | week.query),
        }
        for row in rows
    ]


def _top_models(week: Period) -> list[dict[str, Any]]:
    rows = usage_figures.top(["model_name"], week, TOP)
    return [
        {
            "name": row["model_name"],
            "answers": number(row["answers"]),
            "tokens": number(row["tokens"]),
            "url": _rows("inference_usagelog", {"model_name": row["model_name"]} | week.query),
        }
        for row in rows
    ]


def _failures(week: Period) -> list[UsageLog]:
    rows = UsageLog.objects.filter(week.rows & usage_figures.FAILED)
    return list(rows.select_related("user", "generation").defer("generation__messages")[:TOP])


def _now(sees_models: bool, sees_runs: bool) -> dict[str, Any]:
    workers = presence.workers()
    live = _live() if sees_runs else {}
    now: dict[str, Any] = {"workers": workers}
    if sees_models:
        now["models"] = _models(presence.model_states(workers), live)
    if sees_runs:
        now["runs"] = [_live_amount(_("running"), "running", live)]
        now["runs"].append(_live_amount(_("waiting"), "queued", live))
    return now


def _live_amount(title: str, status: str, live: dict[int, dict[str, int]]) -> dict[str, str]:
    total = sum(counts[status] for counts in live.values())
    url = _rows("inference_generation", {"status__exact": status})
    return {"title": title, "count": number(total), "url": url}


def _models(
    states: dict[int, presence.ModelState], live: dict[int, dict[str, int]]
) -> list[dict[str, Any]]:
    rows = []
    for model in AIModel.objects.usable():
        known = states.get(model.pk, presence.ModelState())
        row = {"model": model, "state": known.state, "text": describe(known)}
        rows.append(row | live.get(model.pk, {}))
    return rows


def _live() -> dict[int, dict[str, int]]:
    """Running and waiting runs of each model."""
    rows = (
        Generation.objects.filter(status__in=Generation.LIVE)
        .order_by()
        .values_list("model", "status")
        .annotate(count=Count("pk"))
    )
    counts: dict[int, dict[str, int]] = defaultdict(lambda: {"running": 0, "queued": 0})
    for model, status, count in rows:
        counts[model][status] = count
    return counts
