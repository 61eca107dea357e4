"""Lists for programs of rows that have an `updated_at`: the latest first, a page at a time."""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.paging import PageIn, bad_cursor
from conversations.sidebar import Cursor

Row = TypeVar("Row", bound=Model)


def page_by_change(rows: QuerySet[Row], page: PageIn) -> tuple[list[Row], str | None]:
    """The rows of the page, and the cursor of the next one, None after the last."""
    if page.cursor:
        rows = rows.filter(_after(page.cursor))
    found: list[Any] = list(rows.order_by("-updated_at", "-pk")[: page.limit + 1])
    shown = found[: page.limit]
    return shown, _written(shown[-1]) if len(found) > len(shown) else None


def _written(last: Any) -> str:
    return urlsafe_base64_encode(str(Cursor(last.updated_at, last.pk)).encode())


def _after(written: str) -> Q:
    try:
        cursor = Cursor.parse(urlsafe_base64_decode(written).decode())
    except ValueError:
        cursor = None
    if cursor is None:
        raise bad_cursor()
    same_moment = Q(updated_at=cursor.updated_at, pk__lt=cursor.id)
    return Q(updated_at__lt=cursor.updated_at) | same_moment
