"""Lists that are read a page at a time, the latest row first."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from accounts.problem import Problem

Row = TypeVar("Row", bound=Model)
LONGEST_ID = 18
"""In digits; a longer one would be too much for the database."""


class PageIn(Schema):
    limit: int = Field(50, ge=1, le=200, description="Rows on a page.")
    cursor: str = Field("", max_length=200, description="The next_cursor of the page before.")


def page_of(rows: QuerySet[Row], page: PageIn) -> tuple[list[Row], str | None]:
    """The rows of the page by their whole numbers as ids, the highest first; and the cursor of the
    next page, None after the last."""
    if page.cursor:
        rows = rows.filter(pk__lt=id_of(page.cursor))
    found = list(rows.order_by("-pk")[: page.limit + 1])
    shown = found[: page.limit]
    return shown, str(shown[-1].pk) if len(found) > len(shown) else None


def id_of(cursor: str) -> int:
    """That it names. Raises Problem."""
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= LONGEST_ID):
        raise bad_cursor()
    return int(cursor)


def bad_cursor() -> Problem:
    return Problem(400, "invalid_value", _("This cursor is not one of ours."), param="cursor")
