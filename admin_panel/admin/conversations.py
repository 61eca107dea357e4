from typing import Any, NoReturn

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from admin_panel.admin.base import ReadOnlyAdmin
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.figures import moment
from conversations.models import Conversation


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Who talks with which model, and how much. What they talk about is theirs: titles, which are
    made of their words, are not even read, and there is no page of a single conversation."""

    private = ("title", "messages")
    list_display = ["user", "model", "message_count", "updated", "created"]
    list_display_links = None
    list_select_related = ["user", "model"]
    list_filter = ["model", ("updated_at", DayRangeFilter)]
    list_filter_submit = True
    search_fields = ["user__email", "user__name"]
    search_help_text = _("Owner's name or email address")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        conversations: QuerySet[Conversation] = super().get_queryset(request)
        return conversations.defer("title").annotate(message_count=Count("messages"))

    @display(description=_("updated"), ordering="updated_at")
    def updated(self, conversation: Conversation) -> str:
        return moment(conversation.updated_at)

    @display(description=_("created"), ordering="created_at")
    def created(self, conversation: Conversation) -> str:
        return moment(conversation.created_at)

    @display(description=_("messages"), ordering="message_count")
    def message_count(self, conversation: Any) -> int:
        return int(conversation.message_count)

    def changeform_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404

    def history_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404
