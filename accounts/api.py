"""The API keys of whoever asks, for programs. Strangers get 404."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
)

from accounts import keys
from accounts.authentication import AuthenticatedRequest, requires
from accounts.models import LIMITS, SCOPES, APIKey, Scope
from accounts.moments import written
from accounts.paging import PageIn, page_of

MOST_DAYS = 36_500
MOST_MODELS = 200

router = Router(tags=["keys"], auth=requires("manage"))


def _each_once(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _to_come(moment: datetime | None) -> datetime | None:
    if moment is not None and not (
        timezone.now() < moment < timezone.now() + timedelta(days=MOST_DAYS)
    ):
        raise ValueError(f"must be in the future, within {MOST_DAYS} days")
    return moment


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=20), AfterValidator(_each_once)]
Models = Annotated[list[Name], Field(max_length=MOST_MODELS), AfterValidator(_each_once)]
Expiry = Annotated[AwareDatetime | None, BeforeValidator(written), AfterValidator(_to_come)]


def _limit(name: str, description: str) -> Any:
    return Field(None, ge=1, le=LIMITS[name], description=f"{description} null: no limit.")


class Restrictions(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scopes: Scopes = Field(
        list(SCOPES),
        description="chat: have models answer. read: read what is one's own. manage: change or"
        " delete it, keys included.",
    )
    models: Models = Field([], description="Ids of the models that it is for. Empty: all.")
    requests_per_minute: StrictInt | None = _limit(
        "requests_per_minute", "Most requests within any 60 seconds."
    )
    tokens_per_day: StrictInt | None = _limit(
        "tokens_per_day", "Most tokens of prompts and answers, from midnight (UTC) on."
    )
    running_at_once: StrictInt | None = _limit(
        "running_at_once", "Most answers that are generated, or wait for it, at once."
    )
    expires_at: Expiry = Field(None, description="With its time zone. null: never.")


class KeyIn(Restrictions):
    """What is left out is not restricted, or as the key has it that asks for this one."""

    name: Name = Field(description="What it is for.", examples=["laptop"])


class KeyChange(Restrictions):
    """What is left out stays."""

    name: Name = Field("", description="What it is for.")


class KeyOut(Schema):
    id: int
    name: str
    prefix: str = Field(description="What the key begins with.")
    scopes: list[str]
    models: list[str]
    requests_per_minute: int | None
    tokens_per_day: int | None
    running_at_once: int | None
    expires_at: datetime | None
    last_used: datetime | None = Field(description="To the minute.")
    created_at: datetime


class NewKey(KeyOut):
    key: str = Field(description="The key itself. It cannot be shown again.")


class KeyPage(Schema):
    keys: list[KeyOut]
    next_cursor: str | None = Field(description="Where the next page begins; null on the last.")


@router.get("/keys", response=KeyPage, summary="List API keys")
def list_keys(request: AuthenticatedRequest, page: Query[PageIn]) -> dict[str, Any]:
    """One's own that are not revoked, the latest first."""
    shown, next_cursor = page_of(_own(request), page)
    return {"keys": shown, "next_cursor": next_cursor}


@router.post("/keys", response={201: NewKey}, summary="Make an API key")
def make_key(request: AuthenticatedRequest, body: KeyIn) -> Status[dict[str, Any]]:
    """The answer is the only one that has the key itself. A key can't make one with more rights
    than it has; the limits of the maker hold for both together, and revoking it revokes both."""
    fields = body.model_dump(exclude_unset=True)
    key, secret = keys.make(request.auth, request.api_key, fields)
    return Status(201, {**KeyOut.from_orm(key).model_dump(), "key": secret})


@router.get("/keys/{int:key_id}", response=KeyOut, summary="Read an API key")
def read_key(request: AuthenticatedRequest, key_id: int) -> APIKey:
    return _own_key(request, key_id)


@router.patch("/keys/{int:key_id}", response=KeyOut, summary="Change an API key")
def change_key(request: AuthenticatedRequest, key_id: int, body: KeyChange) -> APIKey:
    """Its name, scopes, models, limits or expiry. A key can't give more rights than it has."""
    key = _own_key(request, key_id)
    keys.change(key, request.api_key, body.model_dump(exclude_unset=True))
    return key


@router.delete("/keys/{int:key_id}", response={204: None}, summary="Revoke an API key")
def revoke_key(request: AuthenticatedRequest, key_id: int) -> Status[None]:
    """At once, with the keys that it made. Its usage stays."""
    APIKey.objects.filter(pk=_own_key(request, key_id).pk).revoke()
    return Status(204, None)


def _own(request: AuthenticatedRequest) -> QuerySet[APIKey]:
    return request.auth.api_keys.filter(is_active=True)


def _own_key(request: AuthenticatedRequest, key_id: int) -> APIKey:
    return get_object_or_404(_own(request), pk=key_id)
