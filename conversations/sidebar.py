"""The list of a user's conversations, latest first, in groups by time, read page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import blake2b
from itertools import groupby
from urllib.parse import unquote
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from conversations.models import Conversation

PAGE = 50


@dataclass(frozen=True)
class Cursor:
    """The last conversation of the page before."""

    updated_at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.updated_at.isoformat()}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        moment, _, id = text.partition("~")
        try:
            cursor = cls(datetime.fromisoformat(moment), UUID(id))
        except ValueError:
            return None
        return cursor if cursor.updated_at.tzinfo else None


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    conversations: list[Conversation]


@dataclass(frozen=True)
class Listing:
    groups: list[Group]
    before: Cursor | None
    after: Cursor | None
    """Where the next page begins, if there is one."""

    @property
    def version(self) -> str:
        """Equal for equal lists: tells a page whether it missed a change."""
        rows = [
            (str(conversation.pk), conversation.title, group.key)
            for group in self.groups
            for conversation in group.conversations
        ]
        return blake2b(repr(rows).encode(), digest_size=8).hexdigest()


def listing(user: User, zone: tzinfo, before: Cursor | None = None) -> Listing:
    rows = Conversation.objects.listed().filter(user=user).order_by("-updated_at", "-pk")
    if before:
        same_moment = Q(updated_at=before.updated_at, pk__lt=before.id)
        rows = rows.filter(Q(updated_at__lt=before.updated_at) | same_moment)
    found = list(rows.only("id", "title", "updated_at", "user_id")[: PAGE + 1])
    page = found[:PAGE]
    after = Cursor(page[-1].updated_at, page[-1].pk) if len(found) > PAGE else None
    return Listing(_grouped(page, zone, before), before, after)


def zone_of(cookies: Mapping[str, str]) -> tzinfo:
    """The browser's time zone, which its script tells by a cookie."""
    try:
        return ZoneInfo(unquote(cookies["timezone"]))
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return UTC


def _grouped(page: list[Conversation], zone: tzinfo, before: Cursor | None) -> list[Group]:
    today = timezone.localtime(timezone=zone).date()

    def named(moment: datetime) -> tuple[str, str]:
        return _period(timezone.localtime(moment, zone).date(), today)

    groups = [
        Group(key, title, list(rows))
        for (key, title), rows in groupby(page, lambda row: named(row.updated_at))
    ]
    if before is None and (not groups or groups[0].key != "today"):
        groups.insert(0, Group(*named(timezone.now()), []))  # a place for what comes next
    if before and groups and groups[0].key == named(before.updated_at)[0]:
        groups[0] = Group(groups[0].key, "", groups[0].conversations)  # goes on from the last page
    return groups


def _period(day: date, today: date) -> tuple[str, str]:
    """A key and a title."""
    if day >= today:
        return "today", _("Today")
    if day == today - timedelta(days=1):
        return "yesterday", _("Yesterday")
    if day >= today - timedelta(days=7):
        return "week", _("Previous 7 days")
    key = f"{day:%Y-%m}"
    return key, date_format(day, "F") if day.year == today.year else date_format(day, "F Y")
