from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from admin_panel.admin.base import RowsOnly
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.figures import moment
from conversations.models import Feedback

MODEL = "message__generation__model"
COLOURS = {Feedback.Rating.UP: "success", Feedback.Rating.DOWN: "danger"}


@admin.register(Feedback)
class FeedbackAdmin(RowsOnly):
    """What people think of answers. Their comments are for whoever reads this; the answers and
    the conversations that they are in are not."""

    list_display = ["time", "user", "model", "judgement", "why", "comment"]
    list_filter = ["rating", "reason", MODEL, ("created_at", DayRangeFilter)]
    search_fields = ["user__email", "user__name", "comment"]
    search_help_text = _("User’s name or email address, or words of the comment")
    list_before_template = "admin/_feedback_sums.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        feedback: QuerySet[Feedback] = super().get_queryset(request)
        return feedback.select_related("user").annotate(
            model_name=F(f"{MODEL}__name"), display_name=F(f"{MODEL}__display_name")
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        page = response.context_data if isinstance(response, TemplateResponse) else None
        if page and "cl" in page:  # a bad filter is answered with a redirect
            page["models"] = by_model(page["cl"].queryset)
        return response

    @display(description=_("time"), ordering="created_at")
    def time(self, feedback: Feedback) -> str:
        return moment(feedback.created_at)

    @display(description=_("model"), ordering=f"{MODEL}__name")
    def model(self, feedback: Any) -> str:
        return feedback.display_name or feedback.model_name or "–"

    @display(description=_("rating"), ordering="rating", label=COLOURS)
    def judgement(self, feedback: Feedback) -> tuple[int, str]:
        return feedback.rating, feedback.get_rating_display()

    @display(description=_("reason"), ordering="reason")
    def why(self, feedback: Feedback) -> str:
        return feedback.get_reason_display() or "–"


def by_model(feedback: QuerySet[Feedback]) -> list[dict[str, Any]]:
    """How many found the answers of each good and bad, the most rated first."""
    name, display_name = f"{MODEL}__name", f"{MODEL}__display_name"
    counted = feedback.order_by().values(name, display_name)
    rated = counted.annotate(
        count=Count("pk"), good=Count("pk", filter=Q(rating=Feedback.Rating.UP))
    )
    return [
        {
            "name": row[display_name] or row[name] or "–",
            "good": row["good"],
            "bad": row["count"] - row["good"],
            "share": 100 * row["good"] // row["count"],
        }
        for row in rated.order_by("-count", name)
    ]
