"""Pages of other sites that call the API: those that are named, and no others."""

from typing import Any

import pytest
from django.test import Client

from inference.models import AIModel

pytestmark = pytest.mark.django_db
APP = "https://app.example.org"
URL = "/v1/chat/completions"


@pytest.fixture(autouse=True)
def named(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [APP]


def preflight(client: Client, origin: str, path: str = URL) -> Any:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
    }
    return client.options(path, headers=headers)


@pytest.mark.parametrize("path", [URL, "/v1/messages", "/api/v1/keys"])
def test_a_named_site_may_ask(path: str, client: Client) -> None:
    response = preflight(client, APP, path)

    assert response.status_code == 200
    assert response["access-control-allow-origin"] == APP
    allowed = response["access-control-allow-headers"].split(", ")
    for header in (
        "authorization",
        "content-type",
        "x-api-key",
        "anthropic-version",
        "idempotency-key",
        "x-stainless-lang",
    ):
        assert header in allowed


def test_it_may_read_what_programs_need(api: Client, model: AIModel) -> None:
    response = api.get("/v1/models", headers={"origin": APP})

    assert response["access-control-allow-origin"] == APP
    exposed = response["access-control-expose-headers"].split(", ")
    for header in ("x-request-id", "retry-after", "x-ratelimit-remaining-tokens"):
        assert header in exposed


def test_errors_are_readable_as_well(client: Client, api: Client) -> None:
    answers = [
        client.get("/v1/models", headers={"origin": APP}),
        api.get("/v1/nothing", headers={"origin": APP}),
        api.post(URL, "{", content_type="application/json", headers={"origin": APP}),
        api.delete("/v1/models", headers={"origin": APP}),
        api.post(URL, headers={"origin": APP, "transfer-encoding": "chunked"}, CONTENT_LENGTH=""),
    ]

    assert [answer.status_code for answer in answers[:4]] == [401, 404, 400, 405]
    for answer in answers:
        assert answer["access-control-allow-origin"] == APP
        assert answer["x-request-id"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example.org", "http://app.example.org", "null", "http://[", f"{APP}.x"]
)
def test_an_unknown_site_is_told_nothing(origin: str, client: Client, api: Client) -> None:
    for response in (
        preflight(client, origin),
        api.get("/v1/models", headers={"origin": origin}),
        client.get("/v1/models", headers={"origin": origin}),
    ):
        assert "access-control-allow-origin" not in response
        assert "origin" in response["vary"].lower()


def test_a_session_does_not_come_along(client: Client) -> None:
    assert "access-control-allow-credentials" not in preflight(client, APP)


def test_pages_are_not_for_other_sites(client: Client) -> None:
    response = client.get("/accounts/login/", headers={"origin": APP})

    assert "access-control-allow-origin" not in response
