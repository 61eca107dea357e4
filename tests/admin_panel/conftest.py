import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from inference.models import AIModel, Generation, UsageLog

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
"""A Wednesday."""


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """So that "today" has as many hours in each run of the tests."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)
    return NOON


@pytest.fixture
def admin(charlie: User) -> Client:
    return signed_in(charlie)


@pytest.fixture
def staff(db: None) -> Callable[..., Client]:
    """A client of staff who has only the named permissions."""

    def make(*permissions: str) -> Client:
        dora = User.objects.create_user("dora@example.org", "a long password", is_staff=True)
        for permission in permissions:
            app, codename = permission.split(".")
            dora.user_permissions.add(
                Permission.objects.get(content_type__app_label=app, codename=codename)
            )
        return signed_in(dora)

    return make


@pytest.fixture
def run(model: AIModel, alice: User) -> Callable[..., Generation]:
    """A run that took a second after half a second in the queue, with its account."""

    def make(ago: timedelta = timedelta(0), user: User = alice, **fields: Any) -> Generation:
        created = NOON - ago
        is_live = fields.get("status") in Generation.LIVE
        defaults: dict[str, Any] = {
            "status": "done",
            "reason": "stop",
            "prompt_tokens": 100,
            "cached_tokens": 40,
            "completion_tokens": 11,
            "created_at": created,
            "started_at": created + timedelta(seconds=0.5),
            "first_token_at": created + timedelta(seconds=0.7),
            "finished_at": None if is_live else created + timedelta(seconds=1.5),
        }
        generation = Generation.objects.create(user=user, model=model, **defaults | fields)
        if not is_live:
            account(generation)
        return generation

    return make


def account(generation: Generation) -> None:
    UsageLog.objects.create(
        generation=generation,
        user=generation.user,
        model=generation.model,
        model_name=generation.model.name,
        source=generation.source,
        status=generation.status,
        input_tokens=generation.prompt_tokens,
        cached_tokens=generation.cached_tokens,
        output_tokens=generation.completion_tokens,
        total_tokens=generation.prompt_tokens + generation.completion_tokens,
        cost=0,
        duration=generation.seconds,
        queue_wait=generation.queue_wait,
        time_to_first_token=generation.time_to_first_token,
        created_at=generation.created_at,
    )


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    """The header of a model file, all that the admin reads."""
    file = tmp_path / "tiny.gguf"
    pairs = {"general.architecture": "llama", "general.name": "Tiny"}
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs))
    for key, value in pairs.items():
        header += _text(key) + struct.pack("<I", 8) + _text(value)
    file.write_bytes(header)
    return file


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
