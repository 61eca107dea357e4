"""The two ways into the REST API, on an API of two endpoints of its own."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import AsyncClient, Client
from django.urls import path
from django.utils import timezone
from ninja import NinjaAPI

from accounts.authentication import AuthenticatedRequest, api_authentication
from accounts.models import APIKey, User

api = NinjaAPI(auth=api_authentication, urls_namespace="authentication-test")


def _who(request: Any) -> dict[str, str]:
    key = request.api_key and request.api_key.name
    return {"auth": request.auth.email, "user": request.user.email, "key": key or ""}


@api.get("/sync")
def read(request: HttpRequest) -> dict[str, str]:
    return _who(request)


@api.post("/sync")
def write(request: HttpRequest) -> dict[str, str]:
    return _who(request)


@api.post("/async")
async def write_async(request: AuthenticatedRequest) -> dict[str, str]:
    return {**_who(request), "auser": (await request.auser()).email}


urlpatterns = [path("test/", api.urls)]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def secret(alice: User) -> str:
    return APIKey.objects.issue(alice, "laptop")[1]


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_a_key_acts_as_its_user(client: Client, secret: str) -> None:
    who = client.post("/test/sync", headers=_bearer(secret)).json()
    assert who == {"auth": "alice@example.org", "user": "alice@example.org", "key": "laptop"}


@pytest.mark.parametrize("header", ["bearer {}", "BEARER {}", "Bearer  {} "])
def test_its_header_is_read_generously(client: Client, secret: str, header: str) -> None:
    headers = {"Authorization": header.format(secret)}
    assert client.get("/test/sync", headers=headers).status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_a_key_acts_in_async_endpoints_too(secret: str, bob: User) -> None:
    client = AsyncClient(enforce_csrf_checks=True)
    await client.aforce_login(bob)
    response = await client.post("/test/async", headers=_bearer(secret))
    assert set(response.json().values()) == {"alice@example.org", "laptop"}


@pytest.mark.django_db(transaction=True)
async def test_a_session_acts_in_async_endpoints_too(bob: User) -> None:
    client = AsyncClient()
    await client.aforce_login(bob)
    who = (await client.post("/test/async")).json()
    assert (who["auth"], who["auser"], who["key"]) == ("bob@example.org", "bob@example.org", "")


def test_nobody_is_refused(client: Client, db: None) -> None:
    assert client.get("/test/sync").status_code == 401
    assert Client(enforce_csrf_checks=True).post("/test/sync").status_code == 401


def test_a_session_reads(client: Client, bob: User) -> None:
    client.force_login(bob)
    assert client.get("/test/sync").json()["auth"] == "bob@example.org"


def test_a_session_writes_with_its_token_only(bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post("/test/sync").status_code == 403
    client.cookies["csrftoken"] = token = "a" * 32
    assert client.post("/test/sync", headers={"X-CSRFToken": "b" * 32}).status_code == 403
    assert client.post("/test/sync", headers={"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        {"is_active": False},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"key_hash": "0" * 64},
    ],
)
def test_an_unusable_key_is_refused(client: Client, secret: str, spoil: dict[str, Any]) -> None:
    assert client.get("/test/sync", headers=_bearer(secret)).status_code == 200
    APIKey.objects.update(**spoil)
    assert client.get("/test/sync", headers=_bearer(secret)).status_code == 401


def test_a_key_of_an_inactive_person_is_refused(client: Client, secret: str) -> None:
    User.objects.update(is_active=False)
    assert client.get("/test/sync", headers=_bearer(secret)).status_code == 401


@pytest.mark.parametrize("value", ["", "wrong", "{0},Bearer {0}", "{0} {0}", "\N{DEGREE SIGN}"])
def test_a_bad_key_is_refused_whatever_else_comes_with_it(
    client: Client, secret: str, bob: User, value: str
) -> None:
    client.force_login(bob)
    client.cookies["csrftoken"] = "a" * 32
    headers = {**_bearer(value.format(secret)), "X-CSRFToken": "a" * 32, "X-API-Key": secret}
    assert client.get("/test/sync", headers=headers).status_code == 401
    assert client.post("/test/sync", headers=headers).status_code == 401


def test_a_key_in_another_place_is_none(client: Client, secret: str) -> None:
    assert client.get(f"/test/sync?key={secret}&token={secret}").status_code == 401
    for name in ("Api-Key", "Proxy-Authorization"):
        assert client.get("/test/sync", headers={name: secret}).status_code == 401


def test_a_key_comes_as_x_api_key_too(client: Client, secret: str) -> None:
    who = client.post("/test/sync", headers={"X-API-Key": secret}).json()
    assert who == {"auth": "alice@example.org", "user": "alice@example.org", "key": "laptop"}
    assert client.get("/test/sync", headers={"X-API-Key": f" {secret} "}).status_code == 200


def test_the_same_key_in_both_places_is_one(client: Client, secret: str) -> None:
    headers = {**_bearer(secret), "X-API-Key": secret}
    assert client.get("/test/sync", headers=headers).status_code == 200


def test_two_keys_that_differ_are_none(client: Client, secret: str, alice: User) -> None:
    other = APIKey.objects.issue(alice, "desktop")[1]
    for first, second in ((secret, other), (other, secret), (secret, ""), (secret, "wrong")):
        headers = {**_bearer(first), "X-API-Key": second}
        assert client.get("/test/sync", headers=headers).status_code == 401


@pytest.mark.parametrize("value", ["", "wrong", "{0},{0}", "Bearer {0}"])
def test_a_bad_x_api_key_is_refused_whatever_else_comes_with_it(
    client: Client, secret: str, bob: User, value: str
) -> None:
    client.force_login(bob)
    for basic in ({}, {"Authorization": "Basic Ym9iOnNlY3JldA=="}):
        headers = {**basic, "X-API-Key": value.format(secret)}
        assert client.get("/test/sync", headers=headers).status_code == 401


def test_a_key_that_a_revoked_key_has_made_is_none(client: Client, alice: User) -> None:
    maker, _secret = APIKey.objects.issue(alice, "laptop")
    made = APIKey.objects.issue(alice, "script", issued_by=maker)[1]
    assert client.get("/test/sync", headers=_bearer(made)).status_code == 200
    APIKey.objects.filter(pk=maker.pk).update(expires_at=timezone.now())
    assert client.get("/test/sync", headers=_bearer(made)).status_code == 401


def test_the_password_of_a_proxy_in_front_leaves_the_session_alone(
    client: Client, bob: User
) -> None:
    client.force_login(bob)
    headers = {"Authorization": "Basic Ym9iOnNlY3JldA=="}
    assert client.get("/test/sync", headers=headers).json()["auth"] == "bob@example.org"


def test_its_use_is_noted_at_most_once_a_minute(
    client: Client, secret: str, django_assert_num_queries: Any
) -> None:
    key = APIKey.objects.get()
    assert key.last_used is None
    with django_assert_num_queries(2):
        client.get("/test/sync", headers=_bearer(secret))
    key.refresh_from_db()
    noted = key.last_used
    assert noted
    with django_assert_num_queries(1):
        client.get("/test/sync", headers=_bearer(secret))
    APIKey.objects.update(last_used=noted - timedelta(minutes=2))
    client.get("/test/sync", headers=_bearer(secret))
    key.refresh_from_db()
    assert key.last_used and key.last_used >= noted
