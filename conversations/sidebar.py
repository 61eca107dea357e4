"""The list of a user's conversations: pinned ones, then the latest first in groups by time, read
page by page; and what stands above it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import blake2b
from itertools import groupby
from typing import Any
from urllib.parse import unquote, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from conversations.access import projects_of
from conversations.models import Conversation, Project, Tag
from conversations.organising.tags import tags_of
from inference.models import Generation

PAGE = 50
PROJECTS = 5
TAGS = 12
"""So many are offered."""
PINNED = "pinned"


@dataclass(frozen=True)
class Cursor:
    """The last conversation of the page before."""

    updated_at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.updated_at.isoformat()}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        written, _, id = text.partition("~")
        try:
            moment = datetime.fromisoformat(written)
            cursor = cls(moment.astimezone(UTC), UUID(id))
        except (ValueError, OverflowError):
            return None
        return cursor if moment.tzinfo else None


@dataclass(frozen=True)
class Part:
    """Which part of the list a page shows."""

    before: Cursor | None = None
    tag: str = ""
    """Only what has it."""

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> "Part":
        return cls(Cursor.parse(query.get("before", "")), query.get("tag", "").replace("\0", ""))

    @property
    def query(self) -> str:
        """As `asked` reads it."""
        asked = {"tag": self.tag, "before": self.before or ""}
        return urlencode({name: value for name, value in asked.items() if value})


WHOLE = Part()


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    conversations: list[Conversation]


@dataclass(frozen=True)
class Listing:
    groups: list[Group]
    part: Part
    next: Part | None
    """What follows, if something does."""
    tags: list[Tag]

    @property
    def is_empty(self) -> bool:
        return not any(group.conversations for group in self.groups)

    @property
    def version(self) -> str:
        """Equal for equal lists: tells a page whether it missed a change. Begins with the tag, so
        that it says which list it is of."""
        rows = [
            (str(row.pk), row.title, row.is_unread, is_live(row), group.key)
            for group in self.groups
            for row in group.conversations
        ]
        tags = [tag.name for tag in self.tags]
        return f"{self.part.tag}.{blake2b(repr([rows, tags]).encode(), digest_size=8).hexdigest()}"


def listing(user: User, zone: tzinfo, part: Part = WHOLE) -> Listing:
    rows = _rows(user)
    if part.tag:
        rows = rows.filter(tags__name=part.tag)
    found = list(_since(rows.filter(pinned_at=None), part.before)[: PAGE + 1])
    page = found[:PAGE]
    groups = _grouped(page, zone, part.before)
    if part.before is None:
        groups = _pinned(rows) + groups
    after = Cursor(page[-1].updated_at, page[-1].pk) if len(found) > PAGE else None
    following = Part(after, part.tag) if after else None
    return Listing(groups, part, following, list(tags_of(user)[:TAGS]))


def listing_of_version(user: User, zone: tzinfo, version: str) -> Listing:
    """The list as it is now of which a page has this version."""
    return listing(user, zone, Part(tag=version.rpartition(".")[0].replace("\0", "")))


def entry(user: User, conversation_id: UUID) -> Conversation | None:
    """As the list has it, if it is there."""
    return _rows(user).filter(pk=conversation_id).first()


def is_live(row: Conversation) -> bool:
    """Whether an answer is being written at the end of what it shows; of the list's rows."""
    return getattr(row, "leaf_status", None) in Generation.LIVE


def group_of(row: Conversation, zone: tzinfo) -> tuple[str, str]:
    """Its key and title."""
    if row.pinned_at:
        return PINNED, _("Pinned")
    today = timezone.localtime(timezone=zone).date()
    return _period(timezone.localtime(row.updated_at, zone).date(), today)


def order(row: Conversation) -> int:
    """The greatest is first in its group; in microseconds."""
    return round((row.pinned_at or row.updated_at).timestamp() * 1_000_000)


def projects(user: User) -> list[Project]:
    """Those worked on last."""
    return list(projects_of(user).filter(archived_at=None).order_by("-updated_at")[:PROJECTS])


def context(user: User, cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the template shows above the list, and whether it shows the list."""
    return {
        "collapsed": cookies.get("sidebar") == "collapsed",
        "projects": projects(user),
        "shows_projects": cookies.get("projects") == "open",
    }


def zone_of(cookies: Mapping[str, str]) -> tzinfo:
    """The browser's time zone, which its script tells by a cookie."""
    try:
        return ZoneInfo(unquote(cookies["timezone"]))
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return UTC


def _rows(user: User) -> QuerySet[Conversation]:
    shown = ("id", "title", "updated_at", "pinned_at", "is_unread", "user_id")
    return (
        Conversation.objects.listed()
        .filter(user=user)
        .annotate(leaf_status=F("leaf__generation__status"))
        .only(*shown)
        .prefetch_related("tags")
    )


def _since(rows: QuerySet[Conversation], before: Cursor | None) -> QuerySet[Conversation]:
    if before:
        same_moment = Q(updated_at=before.updated_at, pk__lt=before.id)
        rows = rows.filter(Q(updated_at__lt=before.updated_at) | same_moment)
    return rows.order_by("-updated_at", "-pk")


def _pinned(rows: QuerySet[Conversation]) -> list[Group]:
    pinned = list(rows.exclude(pinned_at=None).order_by("-pinned_at"))
    return [Group(PINNED, _("Pinned"), pinned)] if pinned else []


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
