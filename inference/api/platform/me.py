"""Who asks, and what they may still do."""

from datetime import datetime
from typing import Any

from django.conf import settings
from ninja import Router, Schema
from pydantic import Field

from accounts.api import KeyOut
from accounts.authentication import AuthenticatedRequest, requires
from inference.key_limits import day_of_tokens
from inference.models import Generation

router = Router(tags=["account"], auth=requires("read"))


class Waiting(Schema):
    runs: int = Field(description="Answers that wait to be begun.")
    most_runs: int
    most_tokens: int = Field(description="Of their prompts, about.")


class Me(Schema):
    email: str
    name: str = Field(description="What others see in shared projects; may be empty.")
    language: str = Field(description="Of the pages; empty: as the browser asks for it.")
    is_staff: bool
    created_at: datetime
    waiting: Waiting
    key: KeyOut | None = Field(description="The API key that asks; null for a session.")
    tokens_left_today: int | None = Field(
        description="Of the key's day, until midnight (UTC); null: no limit."
    )


@router.get("/me", response=Me, summary="Read who one is")
def read_me(request: AuthenticatedRequest) -> dict[str, Any]:
    """The account, and the limits that hold for whoever asks."""
    user, key = request.auth, request.api_key
    day = day_of_tokens(key) if key else None
    waiting = Generation.objects.filter(user=user, status=Generation.Status.QUEUED).count()
    return {
        **{name: getattr(user, name) for name in ("email", "name", "language", "is_staff")},
        "created_at": user.created_at,
        "waiting": {
            "runs": waiting,
            "most_runs": settings.MAX_WAITING_PER_USER,
            "most_tokens": settings.MAX_WAITING_TOKENS_PER_USER,
        },
        "key": key,
        "tokens_left_today": day.remaining if day else None,
    }
