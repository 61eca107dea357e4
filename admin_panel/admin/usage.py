from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from admin_panel.admin.base import ReadOnlyAdmin
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.admin.runs import STATUS_COLOURS
from admin_panel.figures import moment, seconds
from conversations import spreadsheet
from conversations.numbers import number
from inference.models import UsageLog

COLUMNS = {
    "created_at": "time",
    "user__email": "user",
    "model_name": "model",
    "api_key__name": "key",
    "source": "source",
    "status": "status",
    "input_tokens": "prompt tokens",
    "cached_tokens": "of these reused",
    "output_tokens": "generated tokens",
    "total_tokens": "all tokens",
    "cost": "cost",
    "queue_wait": "wait, s",
    "time_to_first_token": "time to first token, s",
    "duration": "duration, s",
}


@admin.register(UsageLog)
class UsageLogAdmin(ReadOnlyAdmin):
    list_display = [
        "time", "user", "model_name", "state", "prompt", "reused", "answer", "price",
        "first_token", "took", "source",
    ]  # fmt: skip
    list_filter = [
        ("user", AutocompleteSelectFilter),
        ("api_key", AutocompleteSelectFilter),
        "model",
        ("created_at", DayRangeFilter),
        "status",
        "source",
    ]
    list_filter_submit = True
    search_fields = ["user__email", "user__name", "model_name"]
    search_help_text = _("User's name or email address, or the model's name")
    list_per_page = 50
    actions = None
    fields = [
        "time", "user", "api_key", "model", "model_name", "generation", "source", "status",
        "prompt", "reused", "answer", "price", "queue_wait", "first_token", "took",
    ]  # fmt: skip
    list_before_template = "admin/_usage_sums.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[UsageLog]:
        rows: QuerySet[UsageLog] = super().get_queryset(request)
        return rows.select_related("user", "generation").defer("generation__messages")

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="inference_usagelog_export"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        page = response.context_data if isinstance(response, TemplateResponse) else None
        if page and "cl" in page:  # a bad filter is answered with a redirect
            page["sums"] = sums(page["cl"].queryset)
        return response

    def export(self, request: HttpRequest) -> HttpResponse:
        """All rows of the list as it is filtered."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).queryset.values_list(*COLUMNS)
        except IncorrectLookupParameters:
            return redirect("admin:inference_usagelog_changelist")
        text = spreadsheet.write(list(COLUMNS.values()), rows.iterator(chunk_size=2000))
        name = f"parley-usage-{timezone.localdate():%Y-%m-%d}.csv"
        return HttpResponse(
            text,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @display(description=_("time"), ordering="created_at")
    def time(self, usage: UsageLog) -> str:
        return moment(usage.created_at)

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def state(self, usage: UsageLog) -> tuple[str, str]:
        return usage.status, usage.get_status_display()

    @display(description=_("prompt"), ordering="input_tokens")
    def prompt(self, usage: UsageLog) -> str:
        return number(usage.input_tokens)

    @display(description=_("reused"), ordering="cached_tokens")
    def reused(self, usage: UsageLog) -> str:
        return number(usage.cached_tokens)

    @display(description=_("answer"), ordering="output_tokens")
    def answer(self, usage: UsageLog) -> str:
        return number(usage.output_tokens)

    @display(description=_("cost"), ordering="cost")
    def price(self, usage: UsageLog) -> str:
        return f"{usage.cost.normalize():f}" if usage.cost else "–"

    @display(description=_("first token"), ordering="time_to_first_token")
    def first_token(self, usage: UsageLog) -> str:
        return seconds(usage.time_to_first_token)

    @display(description=_("took"), ordering="duration")
    def took(self, usage: UsageLog) -> str:
        return seconds(usage.duration)


def sums(rows: QuerySet[UsageLog]) -> dict[str, Any]:
    return rows.order_by().aggregate(
        runs=Count("pk"),
        users=Count("user", distinct=True),
        prompt=Sum("input_tokens", default=0),
        reused=Sum("cached_tokens", default=0),
        generated=Sum("output_tokens", default=0),
        cost=Sum("cost", default=0),
    )
