"""/api/v1/keys: the keys of whoever asks."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import APIKey, User, hash_key
from tests.api.conftest import bearer
from tests.api.keys import program

pytestmark = pytest.mark.django_db
URL = "/api/v1/keys"
JSON = "application/json"
TOMORROW = timezone.now() + timedelta(days=1)


def post(client: Client, **fields: Any) -> Any:
    return client.post(URL, {"name": "script", **fields}, content_type=JSON)


def patch(client: Client, key: APIKey, **fields: Any) -> Any:
    return client.patch(f"{URL}/{key.pk}", fields, content_type=JSON)


def test_a_key_is_made_and_shown_once(api: Client, client: Client, alice: User) -> None:
    response = post(api, scopes=["read"], tokens_per_day=1000)

    made = response.json()
    key = APIKey.objects.get(pk=made["id"])
    assert response.status_code == 201
    assert (key.user, key.key_hash) == (alice, hash_key(made["key"]))
    assert (made["name"], made["scopes"], made["tokens_per_day"]) == ("script", ["read"], 1000)
    assert "key" not in api.get(f"{URL}/{key.pk}").json()
    secret = {"authorization": f"Bearer {made['key']}"}
    assert client.get("/api/v1/conversations", headers=secret).status_code == 200


def test_what_is_left_out_is_not_restricted(client: Client, alice: User) -> None:
    client.force_login(alice)

    made = post(client).json()

    assert (made["scopes"], made["models"]) == (["chat", "read", "manage"], [])
    limits = ("requests_per_minute", "tokens_per_day", "running_at_once", "expires_at")
    assert {made[name] for name in limits} == {None}


def test_a_session_needs_its_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert post(client).status_code == 403

    client.cookies["csrftoken"] = token = "a" * 32
    response = client.post(URL, {"name": "page"}, content_type=JSON, headers={"X-CSRFToken": token})

    assert response.status_code == 201


def test_ones_own_are_listed_page_by_page(api: Client, alice: User, bob: User) -> None:
    APIKey.objects.issue(bob, "his")
    for number in range(3):
        APIKey.objects.issue(alice, f"key {number}")

    first = api.get(URL, {"limit": 3}).json()
    second = api.get(URL, {"limit": 3, "cursor": first["next_cursor"]}).json()

    assert [key["name"] for key in first["keys"]] == ["key 2", "key 1", "key 0"]
    assert [key["name"] for key in second["keys"]] == ["tests"]
    assert second["next_cursor"] is None


def test_a_key_is_changed(api: Client, alice: User) -> None:
    key, secret = APIKey.objects.issue(alice, "laptop", tokens_per_day=5)

    changed = patch(
        api, key, name=" desk ", models=["demo", "demo"], tokens_per_day=None, running_at_once=3
    ).json()

    key.refresh_from_db()
    assert changed == api.get(f"{URL}/{key.pk}").json()
    assert (key.name, key.models, key.scopes) == ("desk", ["demo"], ["chat", "read", "manage"])
    assert (key.tokens_per_day, key.running_at_once) == (None, 3)
    assert key.key_hash == hash_key(secret)


def test_a_revoked_key_is_gone(api: Client, client: Client, alice: User) -> None:
    key, secret = APIKey.objects.issue(alice, "laptop")

    assert api.delete(f"{URL}/{key.pk}").status_code == 204

    assert api.get(f"{URL}/{key.pk}").status_code == 404
    assert api.delete(f"{URL}/{key.pk}").status_code == 404
    assert key.pk not in [each["id"] for each in api.get(URL).json()["keys"]]
    headers = {"authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/models", headers=headers).status_code == 401


def test_a_stranger_gets_404(api: Client, bob: User) -> None:
    his, _secret = APIKey.objects.issue(bob, "his")

    assert api.get(f"{URL}/{his.pk}").status_code == 404
    assert patch(api, his, name="mine").status_code == 404
    assert api.delete(f"{URL}/{his.pk}").status_code == 404
    assert api.get(f"{URL}/{10**30}").status_code == 404
    his.refresh_from_db()
    assert (his.name, his.is_active) == ("his", True)


def test_without_a_key_it_is_refused(client: Client, alice: User) -> None:
    assert client.get(URL).status_code == 401
    assert post(client).status_code == 401


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": None}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes[0]"),
        ({"scopes": None}, "scopes"),
        ({"models": "demo"}, "models"),
        ({"models": [""]}, "models[0]"),
        ({"requests_per_minute": 0}, "requests_per_minute"),
        ({"requests_per_minute": True}, "requests_per_minute"),
        ({"tokens_per_day": 10**30}, "tokens_per_day"),
        ({"running_at_once": "2"}, "running_at_once"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-23:59"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": 4_000_000_000}, "expires_at"),
        ({"is_active": False}, "is_active"),
        ({"user": 2}, "user"),
    ],
)
def test_bad_input_is_named(fields: dict[str, Any], named: str, api: Client, alice: User) -> None:
    before = APIKey.objects.get()

    for response in (post(api, **fields), patch(api, before, **fields)):
        assert response.status_code == 400
        assert named in response.json()["error"]
    assert APIKey.objects.get().name == before.name


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 19, "٣"])
def test_a_bad_cursor_is_named(cursor: str, api: Client) -> None:
    response = api.get(URL, {"cursor": cursor})

    assert (response.status_code, response.json()["code"]) == (400, "invalid_value")


LIMITED: dict[str, Any] = {
    "scopes": ["read", "manage"],
    "models": ["demo", "small"],
    "requests_per_minute": 1000,
    "tokens_per_day": 500,
    "running_at_once": 2,
    "expires_at": TOMORROW,
}
MORE = [
    {"scopes": ["read", "chat"]},
    {"models": ["other"]},
    {"models": []},
    {"requests_per_minute": 1001},
    {"tokens_per_day": None},
    {"running_at_once": None},
    {"expires_at": None},
    {"expires_at": (TOMORROW + timedelta(days=1)).isoformat()},
]


@pytest.mark.parametrize("more", MORE)
def test_a_key_gives_no_more_rights_than_it_has(more: dict[str, Any], alice: User) -> None:
    limited = program(alice, **LIMITED)
    own = APIKey.objects.get()

    for response in (post(limited, **more), patch(limited, own, **more)):
        assert response.status_code == 403
        assert response.json()["code"] == "insufficient_rights"
        assert next(iter(more)) in response.json()["error"]
    assert APIKey.objects.count() == 1


def test_a_key_gives_the_rights_that_it_has(alice: User) -> None:
    limited = program(alice, **LIMITED)

    whole = post(limited).json()
    less = post(limited, scopes=["read"], models=["demo"], tokens_per_day=5).json()

    keys = [APIKey.objects.get(pk=made["id"]) for made in (whole, less)]
    assert {name: getattr(keys[0], name) for name in LIMITED} == LIMITED
    assert (keys[1].scopes, keys[1].models, keys[1].tokens_per_day) == (["read"], ["demo"], 5)


def test_what_a_key_has_made_loses_rights_with_it(alice: User) -> None:
    maker, secret = APIKey.objects.issue(alice, "laptop")
    made = post(Client(headers={"authorization": f"Bearer {secret}"})).json()["key"]
    script = Client(headers={"authorization": f"Bearer {made}"})
    assert script.get("/api/v1/conversations").status_code == 200

    APIKey.objects.filter(pk=maker.pk).update(scopes=["chat"])
    assert script.get("/api/v1/conversations").status_code == 403

    APIKey.objects.filter(pk=maker.pk).revoke()
    assert script.get("/api/v1/conversations").status_code == 401


def test_a_key_that_was_made_by_a_key_makes_none(api: Client) -> None:
    made = post(api).json()["key"]

    response = post(Client(headers={"authorization": f"Bearer {made}"}))

    assert (response.status_code, response.json()["code"]) == (403, "insufficient_rights")


def test_there_can_be_only_so_many(
    api: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MOST_KEYS", 2)
    made = post(api).json()

    assert post(api).status_code == 409
    assert api.delete(f"{URL}/{made['id']}").status_code == 204
    assert post(api).status_code == 201


def test_the_beginning_of_a_key_is_shown(api: Client, alice: User) -> None:
    alice.api_keys.all().delete()
    secret = bearer(alice).removeprefix("Bearer ")

    [key] = Client(headers={"authorization": f"Bearer {secret}"}).get(URL).json()["keys"]

    assert secret.startswith(key["prefix"])
    assert secret not in str(key)
