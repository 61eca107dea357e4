from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, CharField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from admin_panel.admin.base import ReadOnlyAdmin
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.figures import moment
from conversations.models import SystemPrompt
from conversations.prompts.actions import unpublish

Visibility = SystemPrompt.Visibility
ONLY_IF_PUBLIC = ("name", "description", "prompt", "tags", "shared_with", "versions")


@admin.register(SystemPrompt)
class SystemPromptAdmin(ReadOnlyAdmin):
    """Public prompts can be read, and made private. Of all others there is only whose they are."""

    private = ONLY_IF_PUBLIC
    list_display = ["shown_name", "user", "visibility", "version", "updated"]
    list_display_links = None
    list_select_related = ["user"]
    list_filter = ["visibility", ("updated_at", DayRangeFilter)]
    list_filter_submit = True
    search_fields = ["user__email", "user__name"]
    search_help_text = _("Owner's name or email address")
    actions = ["make_private"]
    fields = ["name", "user", "description", "prompt", "tags", "version", "updated"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SystemPrompt]:
        prompts: QuerySet[SystemPrompt] = super().get_queryset(request)
        public_name = Case(
            When(visibility=Visibility.PUBLIC, then="name"),
            default=Value(""),
            output_field=CharField(),
        )
        return prompts.defer("name", "description", "prompt").annotate(shown_name=public_name)

    @display(description=_("name"))
    def shown_name(self, prompt: Any) -> str:
        if not prompt.shown_name:
            return "—"
        page = reverse("admin:conversations_systemprompt_change", args=[prompt.pk])
        return format_html('<a href="{}">{}</a>', page, prompt.shown_name)

    @display(description=_("updated"), ordering="updated_at")
    def updated(self, prompt: SystemPrompt) -> str:
        return moment(prompt.updated_at)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        self._check_public(request, object_id)
        page: HttpResponse = super().changeform_view(request, object_id, *args, **kwargs)
        return page

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._check_public(request, object_id)
        page: HttpResponse = super().history_view(request, object_id, extra_context)
        return page

    def has_unpublish_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("conversations.change_systemprompt"))

    @action(description=_("Make private"), permissions=["unpublish"])
    def make_private(self, request: HttpRequest, prompts: QuerySet[SystemPrompt]) -> None:
        public = list(prompts.filter(visibility=Visibility.PUBLIC))
        for prompt in public:
            self.log_change(request, prompt, [{"changed": {"fields": [str(_("who may use it"))]}}])
            unpublish(prompt)
        told = ngettext(
            "%(count)d prompt is private now.", "%(count)d prompts are private now.", len(public)
        )
        self.message_user(request, told % {"count": len(public)}, messages.SUCCESS)

    def _check_public(self, request: HttpRequest, object_id: str | None) -> None:
        prompt = self.get_object(request, object_id) if object_id else None
        if prompt is None or prompt.visibility != Visibility.PUBLIC:
            raise Http404
