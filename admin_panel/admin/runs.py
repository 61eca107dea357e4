from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from admin_panel.admin.base import ReadOnlyAdmin
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.figures import moment, seconds
from conversations.numbers import number
from inference import lifecycle
from inference.models import Generation

STATUS_COLOURS = {
    Generation.Status.QUEUED: "info",
    Generation.Status.RUNNING: "primary",
    Generation.Status.DONE: "success",
    Generation.Status.STOPPED: "warning",
    Generation.Status.FAILED: "danger",
}


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    """Runs and their figures. The prompt that a live one still has is never read."""

    private = ("messages", "parameters", "message")
    list_display = [
        "time", "user", "model", "state", "prompt", "reused", "answer", "wait", "first_token",
        "speed", "took", "source",
    ]  # fmt: skip
    list_select_related = ["user", "model"]
    list_filter = ["status", "model", "source", ("created_at", DayRangeFilter)]
    list_filter_submit = True
    search_fields = ["user__email", "user__name"]
    search_help_text = _("User's name or email address")
    list_per_page = 50
    actions = ["stop"]
    fieldsets = [
        (None, {"fields": ["user", "model", "source", "status", "outcome", "error"]}),
        (
            _("Figures"),
            {"fields": ["prompt", "reused", "answer", "wait", "first_token", "speed", "took"]},
        ),
        (_("Times"), {"fields": ["created_at", "started_at", "first_token_at", "finished_at"]}),
        (_("Work"), {"fields": ["sampling", "worker", "attempt"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        runs: QuerySet[Generation] = super().get_queryset(request)
        return runs.select_related("user", "model").defer("messages")

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("inference.change_generation")

    @action(description=_("Stop"), permissions=["stop"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Generation]) -> None:
        live = list(queryset.filter(status__in=Generation.LIVE))
        for generation in live:
            with transaction.atomic():
                lifecycle.stop(generation)
            self.log_change(request, generation, [{"changed": {"fields": ["stop requested"]}}])
        message = ngettext("%d run is being stopped.", "%d runs are being stopped.", len(live))
        self.message_user(request, message % len(live), messages.SUCCESS)

    @display(description=_("time"), ordering="created_at")
    def time(self, run: Generation) -> str:
        return moment(run.created_at)

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def state(self, run: Generation) -> tuple[str, str]:
        return run.status, run.get_status_display()

    @display(description=_("why it ended"))
    def outcome(self, run: Generation) -> str:
        return run.get_reason_display() or "–"

    @display(description=_("prompt"), ordering="prompt_tokens")
    def prompt(self, run: Generation) -> str:
        return number(run.prompt_tokens)

    @display(description=_("answer"), ordering="completion_tokens")
    def answer(self, run: Generation) -> str:
        return number(run.completion_tokens)

    @display(description=_("reused"), ordering="cached_tokens")
    def reused(self, run: Generation) -> str:
        return number(run.cached_tokens)

    @display(description=_("wait"))
    def wait(self, run: Generation) -> str:
        return seconds(run.queue_wait)

    @display(description=_("first token"))
    def first_token(self, run: Generation) -> str:
        return seconds(run.time_to_first_token)

    @display(description=_("tokens/s"))
    def speed(self, run: Generation) -> str:
        return f"{run.tokens_per_second:.1f}" if run.tokens_per_second else "–"

    @display(description=_("took"))
    def took(self, run: Generation) -> str:
        return seconds(run.seconds)

    @display(description=_("sampling"))
    def sampling(self, run: Generation) -> str:
        """The numbers only: stop texts and schemas are the words of whoever asked."""
        values: dict[str, Any] = run.parameters
        return ", ".join(
            f"{name} {value}" for name, value in values.items() if isinstance(value, (int, float))
        )
