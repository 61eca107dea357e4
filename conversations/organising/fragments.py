"""The list beside every page and what is about whole conversations: each `_x.html` of
`templates/organising/` is rendered here, by one function, for pages and sockets alike."""

from datetime import tzinfo
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from conversations import sidebar
from conversations.models import Conversation
from conversations.organising.deleting import TEMPORARY_HOURS

INBOX = "sidebar-inbox"


def conversations(
    listing: sidebar.Listing, current: Conversation | None = None, swap: str = ""
) -> SafeString:
    """A page of the list; the first one with what it can be narrowed by."""
    items = [
        (group, [_item(row, group.key, current=current) for row in group.conversations])
        for group in listing.groups
    ]
    return _render("_conversations", listing=listing, groups=items, swap=swap)


def changed(owner: User, conversation_id: UUID, zone: tzinfo) -> SafeString:
    """What became of an entry of the list. The page's script puts it where it belongs, as only the
    page knows how much of the list it shows."""
    entry = sidebar.entry(owner, conversation_id)
    if entry is None:
        return _no_entry(conversation_id, "unlisted")
    key, heading = sidebar.group_of(entry, zone)
    return _to_inbox(_item(entry, key, heading=heading))


def gone(conversation_id: UUID) -> SafeString:
    """It was deleted."""
    return _no_entry(conversation_id, "gone")


def stale() -> SafeString:
    """Has the page ask for its list anew."""
    return _to_inbox(mark_safe('<li data-place="stale"></li>'))


def banner(conversation: Conversation | None, is_temporary: bool = False) -> SafeString:
    """What one should know of a conversation that is not like others."""
    return _render(
        "_banner",
        conversation=conversation,
        is_temporary=conversation.is_temporary if conversation else is_temporary,
        hours=TEMPORARY_HOURS,
    )


def undo(text: str, address: str) -> SafeString:
    """In the page's place for notices, for as long as it takes to change one's mind."""
    return _render("_undo", text=text, address=address)


def _item(
    row: Conversation, group: str, heading: str = "", current: Conversation | None = None
) -> SafeString:
    return _render(
        "_conversation",
        conversation=row,
        group=group,
        heading=heading,
        order=sidebar.order(row),
        is_current=row == current,
        is_live=sidebar.is_live(row),
        tags=",".join(tag.name for tag in row.tags.all()),
    )


def _no_entry(conversation_id: UUID, place: str) -> SafeString:
    html = '<li id="conversation-{}" data-place="{}"></li>'
    return _to_inbox(format_html(html, conversation_id, place))


def _to_inbox(entry: SafeString) -> SafeString:
    return format_html('<div hx-swap-oob="beforeend:#{}">{}</div>', INBOX, entry)


def _render(name: str, **context: Any) -> SafeString:
    return render_to_string(f"organising/{name}.html", context)
