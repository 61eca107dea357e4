from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from admin_panel.admin.base import RowsOnly
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.figures import moment
from conversations.models import Draft, SharedLink
from conversations.sharing import actions as sharing

STATE_COLOURS = {"works": "success", "revoked": "danger", "expired": "warning", "ended": "warning"}


@admin.register(SharedLink)
class SharedLinkAdmin(RowsOnly):
    """Who lets strangers read, since when and for how long. What can be read is the owner's
    matter: neither the address nor the title is here. Staff who may change links revoke them."""

    private = ("token", "title", "conversation", "leaf")
    list_display = ["owner", "state", "works_until", "length", "created"]
    list_filter = [("created_at", DayRangeFilter)]
    search_fields = ["conversation__user__email", "conversation__user__name"]
    search_help_text = _("Owner’s name or email address")
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SharedLink]:
        links: QuerySet[SharedLink] = super().get_queryset(request)
        until = Count("conversation__messages", filter=Q(conversation__messages__lte=F("leaf")))
        rows = links.defer("token", "title").annotate(message_count=until)
        return rows.select_related("conversation__user").defer("conversation__title")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("conversations.change_sharedlink")

    @action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[SharedLink]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        count = sharing.revoke(SharedLink.objects.filter(pk__in=ids))
        text = ngettext("%(count)d link was revoked.", "%(count)d links were revoked.", count)
        messages.success(request, text % {"count": count})

    @display(description=_("owner"), ordering="conversation__user__email")
    def owner(self, link: SharedLink) -> str:
        return str(link.conversation.user)

    @display(description=_("state"), label=STATE_COLOURS)
    def state(self, link: SharedLink) -> tuple[str, Any]:
        if link.revoked_at:
            return "revoked", _("revoked")
        if link.expires_at and link.expires_at <= timezone.now():
            return "expired", _("expired")
        if link.conversation.deleted_at or link.conversation.is_temporary:
            return "ended", _("its chat is gone")
        return "works", _("works")

    @display(description=_("works until"), ordering="expires_at")
    def works_until(self, link: SharedLink) -> str:
        return moment(link.expires_at) if link.expires_at else "–"

    @display(description=_("messages when it was made"), ordering="message_count")
    def length(self, link: Any) -> int:
        return int(link.message_count)

    @display(description=_("made"), ordering="created_at")
    def created(self, link: SharedLink) -> str:
        return moment(link.created_at)


@admin.register(Draft)
class DraftAdmin(RowsOnly):
    """Who has something that is not sent. What it is, nobody else reads."""

    private = ("text", "conversation")
    list_display = ["user", "place", "updated"]
    search_fields = ["user__email", "user__name"]
    search_help_text = _("User’s name or email address")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        drafts: QuerySet[Draft] = super().get_queryset(request)
        return drafts.defer("text").select_related("user")

    @display(description=_("where"))
    def place(self, draft: Draft) -> Any:
        return _("in a conversation") if draft.conversation_id else _("in a new one")

    @display(description=_("updated"), ordering="updated_at")
    def updated(self, draft: Draft) -> str:
        return moment(draft.updated_at)
