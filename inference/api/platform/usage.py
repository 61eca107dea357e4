"""What was used: one's own, and for staff anybody's. Every figure is a sum over UsageLog."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.http import Http404
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import BeforeValidator, Field, PlainSerializer, TypeAdapter

from accounts.authentication import AuthenticatedRequest, requires
from accounts.models import User
from accounts.moments import written
from accounts.paging import PageIn, page_of
from accounts.problem import Problem
from inference.api.documentation import errors
from inference.models import UsageLog

PERMISSION = "inference.view_usagelog"
PLACES = Decimal(1).scaleb(-8)
"""Of what a cost is kept with. SQLite adds up decimals as floating point, and rounding to them
gives the exact sum."""

router = Router(tags=["usage"], auth=requires("read"))


def _day_or_moment(text: object) -> date | datetime | None:
    """A midnight is not a day, though pydantic takes it for one."""
    if isinstance(text, str) and len(text) == len("2026-03-11"):
        return date.fromisoformat(text)
    return None if text is None else MOMENT.validate_python(written(text))


MOMENT = TypeAdapter(datetime)
When = Annotated[date | datetime | None, BeforeValidator(_day_or_moment)]
Cost = Annotated[Decimal, PlainSerializer("{:f}".format, return_type=str)]


class Period(Schema):
    since: When = Field(
        None,
        alias="from",
        description="A day, or a moment with its time zone (else UTC). Left out: the beginning.",
    )
    until: When = Field(
        None, alias="to", description="A day, which is included, or a moment, which is not."
    )
    user: str = Field(
        "", max_length=254, description="Whose, by email address: for staff. Left out: one's own."
    )


class UsageIn(Period):
    group_by: Literal["day", "model", "key"] = Field("day", description="Days are those of UTC.")


class EntriesIn(Period, PageIn):
    model: str = Field("", max_length=100, description="Only of this one.")
    key: int | None = Field(None, ge=1, lt=2**63, description="Only of this API key, by its id.")


class Sums(Schema):
    runs: int = Field(description="Answers asked for, also those that failed or were stopped.")
    input_tokens: int
    cached_tokens: int = Field(description="Of the input, what had not to be evaluated.")
    output_tokens: int
    total_tokens: int
    cost: Cost
    duration: float = Field(description="Seconds of work, without the wait.")


class Group(Sums):
    day: date | None = None
    model: str | None = None
    key: int | None = Field(None, description="Its id; null for what was asked without one.")
    key_name: str | None = None


class Usage(Schema):
    total: Sums
    group_by: str
    groups: list[Group] = Field(description="In the order of what they are grouped by.")


class Entry(Schema):
    id: int
    created_at: datetime = Field(description="When it had ended.")
    model: str = Field(alias="model_name")
    key: int | None = Field(alias="api_key_id")
    source: str = Field(description="chat or api")
    status: str = Field(description="done, stopped or failed")
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    total_tokens: int
    cost: Cost
    duration: float = Field(description="Seconds of work, without the wait.")
    queue_wait: float = Field(description="Seconds.")
    time_to_first_token: float | None = Field(description="Seconds, with the wait.")


class EntryPage(Schema):
    entries: list[Entry]
    next_cursor: str | None = Field(description="Where the next page begins; null on the last.")


COLUMNS: dict[str, dict[str, str]] = {
    "day": {"day": "day"},
    "model": {"model": "model_name"},
    "key": {"key": "api_key_id", "key_name": "api_key__name"},
}
"""Of a group's fields, where each comes from."""


@router.get(
    "/usage", response={200: Usage, **errors(404)}, exclude_unset=True, summary="Sum up usage"
)
def read_usage(request: AuthenticatedRequest, asked: Query[UsageIn]) -> dict[str, Any]:
    """Of a period, in all and by day, model or API key."""
    rows = _rows(request, asked).order_by().annotate(day=TruncDate("created_at", tzinfo=UTC))
    columns = COLUMNS[asked.group_by]
    groups = rows.values(*columns.values()).annotate(**_sums()).order_by(*columns.values())
    return {
        "total": _exact(rows.aggregate(**_sums())),
        "group_by": asked.group_by,
        "groups": [
            {name: group[column] for name, column in columns.items()} | _exact(group)
            for group in groups
        ],
    }


@router.get("/usage/entries", response={200: EntryPage, **errors(404)}, summary="List usage")
def list_entries(request: AuthenticatedRequest, asked: Query[EntriesIn]) -> dict[str, Any]:
    """The account of each answer in a period, the latest first."""
    rows = _rows(request, asked)
    if asked.model:
        rows = rows.filter(model_name=asked.model.replace("\0", ""))
    if asked.key is not None:
        rows = rows.filter(api_key=asked.key)
    entries, next_cursor = page_of(rows, asked)
    return {"entries": entries, "next_cursor": next_cursor}


def _rows(request: AuthenticatedRequest, asked: Period) -> QuerySet[UsageLog]:
    rows = UsageLog.objects.filter(user=_whose(request, asked.user))
    if asked.since is not None:
        rows = rows.filter(created_at__gte=_moment(asked.since, "from", time.min))
    if isinstance(asked.until, datetime):
        rows = rows.filter(created_at__lt=_moment(asked.until, "to", time.min))
    elif asked.until is not None:
        rows = rows.filter(created_at__lte=_moment(asked.until, "to", time.max))
    return rows


def _whose(request: AuthenticatedRequest, email: str) -> User:
    """404 for others', whether or not they are there, to whoever may not see them."""
    if not email or email.lower() == request.auth.email:
        return request.auth
    if not (request.auth.is_staff and request.auth.has_perm(PERMISSION)):
        raise Http404
    user = None if "\0" in email else User.objects.filter(email__iexact=email).first()
    if user is None:
        raise Http404
    return user


def _moment(given: date | datetime, param: str, at: time) -> datetime:
    moment = given if isinstance(given, datetime) else datetime.combine(given, at, UTC)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        message = _("%(param)s is too far away.") % {"param": param}
        raise Problem(400, "invalid_value", message, param=param) from None


def _sums() -> dict[str, Any]:
    names = ("input_tokens", "cached_tokens", "output_tokens", "total_tokens", "duration")
    sums = {f"sum_{name}": Sum(name, default=0) for name in names}
    return sums | {"sum_cost": Sum("cost", default=Decimal(0)), "sum_runs": Count("pk")}


def _exact(sums: dict[str, Any]) -> dict[str, Any]:
    found = {name.removeprefix("sum_"): sums[name] for name in _sums()}
    return found | {"cost": found["cost"].quantize(PLACES)}
