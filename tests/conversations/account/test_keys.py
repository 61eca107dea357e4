"""/account/keys/: making and revoking API keys by hand."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import APIKey, User, hash_key
from inference.models import AIModel

NEW = "/account/keys/new/"
FORM: dict[str, Any] = {"name": "laptop", "scopes": ["chat", "read"]}


def test_a_key_is_made_and_shown_once(
    plain_page: Client, client: Client, alice: User, model: AIModel
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    sent = {**FORM, "models": ["demo"], "tokens_per_day": "1000", "expires_on": str(tomorrow)}
    page = plain_page.post(NEW, sent).content.decode()

    [secret] = set(re.findall(r"sk-parley-[\w-]{40,}", page))
    key = APIKey.objects.get()
    assert (key.user, key.key_hash) == (alice, hash_key(secret))
    assert (key.scopes, key.models, key.tokens_per_day) == (["chat", "read"], ["demo"], 1000)
    assert key.expires_at and key.expires_at.date() == tomorrow + timedelta(days=1)
    headers = {"authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/conversations", headers=headers).status_code == 200
    listed = plain_page.get("/account/keys/").content.decode()
    assert "laptop" in listed
    assert secret not in listed


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"scopes": []},
        {"scopes": ["all"]},
        {"models": ["nothing"]},
        {"expires_on": "2020-01-01"},
        {"expires_on": "9999-12-31"},
        {"expires_on": "soon"},
        {"tokens_per_day": "0"},
        {"requests_per_minute": "1e3"},
        {"running_at_once": "10001"},
    ],
)
def test_what_can_not_be_is_refused_and_kept(plain_page: Client, wrong: dict[str, Any]) -> None:
    answer = plain_page.post(NEW, {**FORM, "requests_per_minute": "60", **wrong})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not APIKey.objects.exists()


def test_there_is_a_most(plain_page: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST_KEYS", 1)
    plain_page.post(NEW, FORM)
    assert "You have 1 API keys already." in plain_page.post(NEW, FORM).content.decode()
    assert APIKey.objects.count() == 1


def test_it_is_revoked(plain_page: Client, alice: User) -> None:
    key, _ = APIKey.objects.issue(alice, "laptop")
    address = f"/account/keys/{key.pk}/revoke/"
    assert "Revoke the key?" in plain_page.get(address).content.decode()
    assert APIKey.objects.get().is_active

    assert plain_page.post(address)["Location"] == "/account/keys/"

    assert not APIKey.objects.get().is_active
    assert plain_page.post(address).status_code == 404


def test_keys_of_others_are_not_there(
    plain_page: Client, strangers_page: Client, alice: User
) -> None:
    key, _ = APIKey.objects.issue(alice, "laptop")
    address = f"/account/keys/{key.pk}/revoke/"
    assert strangers_page.get(address).status_code == 404
    assert strangers_page.post(address).status_code == 404
    assert "laptop" not in strangers_page.get("/account/keys/").content.decode()
    assert APIKey.objects.get().is_active
