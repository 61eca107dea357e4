from typing import Any, NoReturn

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from admin_panel.admin.base import ReadOnlyAdmin
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.figures import moment
from conversations.models import Conversation, Tag


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Who talks with which model, and how much. What they talk about is theirs: titles, which are
    made of their words, are not even read, and there is no page of a single conversation."""

    private = (
        "title",
        "messages",
        "instructions",
        "parameters",
        "tags",
        "project",
        "leaf",
        "naming",
        "drafts",
        "links",
    )
    list_display = ["user", "model", "state", "message_count", "tag_count", "updated", "created"]
    list_display_links = None
    list_select_related = ["user", "model"]
    list_filter = ["model", "is_temporary", ("updated_at", DayRangeFilter)]
    list_filter_submit = True
    search_fields = ["user__email", "user__name"]
    search_help_text = _("Owner's name or email address")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        conversations: QuerySet[Conversation] = super().get_queryset(request)
        return conversations.defer("title", "instructions", "parameters").annotate(
            message_count=Count("messages", distinct=True), tag_count=Count("tags", distinct=True)
        )

    @display(description=_("state"))
    def state(self, conversation: Conversation) -> str:
        states = {
            _("deleted"): conversation.deleted_at,
            _("temporary"): conversation.is_temporary,
            _("archived"): conversation.archived_at,
            _("pinned"): conversation.pinned_at,
        }
        return ", ".join(str(name) for name, holds in states.items() if holds) or "–"

    @display(description=_("updated"), ordering="updated_at")
    def updated(self, conversation: Conversation) -> str:
        return moment(conversation.updated_at)

    @display(description=_("created"), ordering="created_at")
    def created(self, conversation: Conversation) -> str:
        return moment(conversation.created_at)

    @display(description=_("messages"), ordering="message_count")
    def message_count(self, conversation: Any) -> int:
        return int(conversation.message_count)

    @display(description=_("tags"), ordering="tag_count")
    def tag_count(self, conversation: Any) -> int:
        return int(conversation.tag_count)

    def changeform_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404

    def history_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    """Who keeps order with tags, and of how many conversations; not the words."""

    private = ("name", "conversations")
    list_display = ["user", "chat_count"]
    list_display_links = None
    list_select_related = ["user"]
    ordering = ["user__email"]
    search_fields = ["user__email", "user__name"]
    search_help_text = _("Owner's name or email address")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        tags: QuerySet[Tag] = super().get_queryset(request)
        return tags.defer("name").annotate(chat_count=Count("conversations"))

    @display(description=_("conversations"), ordering="chat_count")
    def chat_count(self, tag: Any) -> int:
        return int(tag.chat_count)

    def changeform_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404

    def history_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404
