from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from admin_panel.admin.base import RowsOnly
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.figures import moment
from conversations.models import ComparedAnswer, Comparison

COLOURS = {
    Comparison.Verdict.WINNER: "success",
    Comparison.Verdict.TIE: "info",
    Comparison.Verdict.NONE: "danger",
    "": None,
}


@admin.register(Comparison)
class ComparisonAdmin(RowsOnly):
    """Which models people compare, and what they voted. What they asked and read is theirs."""

    private = ("prompt", "instructions", "parameters", "answers")
    list_display = ["user", "models", "judgement", "best", "is_blind", "voted", "created"]
    list_select_related = ["user"]
    list_filter = ["verdict", "is_blind", ("created_at", DayRangeFilter)]
    search_fields = ["user__email", "user__name"]
    search_help_text = _("Who compared: name or email address")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comparison]:
        comparisons: QuerySet[Comparison] = super().get_queryset(request)
        answers = ComparedAnswer.objects.select_related("model").defer("content")
        unread = comparisons.defer("prompt", "instructions", "parameters")
        return unread.prefetch_related(Prefetch("answers", answers))

    @display(description=_("models"))
    def models(self, comparison: Comparison) -> str:
        return ", ".join(sorted(map(_name, comparison.answers.all())))

    @display(description=_("verdict"), ordering="verdict", label=COLOURS)
    def judgement(self, comparison: Comparison) -> tuple[str, Any]:
        return comparison.verdict, comparison.get_verdict_display() or _("no vote yet")

    @display(description=_("best"))
    def best(self, comparison: Comparison) -> str:
        answers = comparison.answers.all()
        return next((_name(one) for one in answers if one.pk == comparison.winner_id), "–")

    @display(description=_("voted"), ordering="voted_at")
    def voted(self, comparison: Comparison) -> str:
        return moment(comparison.voted_at) if comparison.voted_at else "–"

    @display(description=_("created"), ordering="created_at")
    def created(self, comparison: Comparison) -> str:
        return moment(comparison.created_at)


def _name(answer: ComparedAnswer) -> str:
    return str(answer.model or answer.model_name)
