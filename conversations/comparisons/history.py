"""A user's comparisons, the latest first, read page by page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.models import User
from conversations.models import ComparedAnswer, Comparison
from inference.models import AIModel

PAGE = 20


@dataclass(frozen=True)
class History:
    comparisons: list[Comparison]
    after: str
    """The cursor of the next page; empty on the last."""


def history(user: User, cursor: str = "", limit: int = PAGE) -> History:
    """Raises ValueError for a cursor that is none."""
    answers = ComparedAnswer.objects.select_related("model", "generation").order_by("position")
    rows = Comparison.objects.filter(user=user).order_by("-created_at", "-pk")
    if cursor:
        created_at, pk = _read(cursor)
        rows = rows.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    found = list(rows.prefetch_related(Prefetch("answers", answers))[: limit + 1])
    shown = found[:limit]
    return History(shown, _write(shown[-1]) if len(found) > limit else "")


def last_models(user: User) -> list[AIModel]:
    """Those that they compared last."""
    last = Comparison.objects.filter(user=user).order_by("-created_at").first()
    if last is None:
        return []
    return list(AIModel.objects.usable().filter(pk__in=last.answers.values("model")))


def _write(comparison: Comparison) -> str:
    place = f"{comparison.created_at.isoformat()} {comparison.pk}"
    return urlsafe_base64_encode(place.encode())


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        created_at, _space, pk = urlsafe_base64_decode(cursor).decode().partition(" ")
        return datetime.fromisoformat(created_at).astimezone(UTC), UUID(pk)
    except OverflowError:
        raise ValueError(cursor) from None
