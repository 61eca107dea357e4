"""Whatever a program sends, it gets a clear error in the form that its API promises."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from inference.models import AIModel
from tests.api.bad_chats import URL, chat, refusal, said

pytestmark = pytest.mark.django_db


MALFORMED = {
    "empty": b"",
    "no JSON": b"hello",
    "cut off": chat()[:-1],
    "two values": chat() + chat(),
    "not UTF-8": chat().replace(b"Hello", b"\xff\xfe"),
    "UTF-16": chat().decode().encode("utf-16"),
    "NaN": chat().replace(b'"demo"', b"NaN"),
    "a lone surrogate": chat().replace(b"Hello", b"\\ud800"),
    "a surrogate's other half": chat().replace(b"Hello", b"\\udc00"),
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a list": b"[]",
    "a text": b'"hello"',
    "null": b"null",
    "a number of 10,000 digits": b"9" * 10_000,
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_body(content: bytes, api: Client, model: AIModel, worker: None) -> None:
    response = refusal(api, content)

    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_a_body_too_large(api: Client, model: AIModel, worker: None) -> None:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0

    response = refusal(api, said("x" * limit))

    assert response.status_code == 413
    assert response.json()["error"]["code"] == "request_too_large"


def test_a_body_of_unknown_length(api: Client, model: AIModel, worker: None) -> None:
    chunked = {"transfer-encoding": "chunked"}

    response = api.generic("POST", URL, b"", "application/json", headers=chunked)

    assert response.status_code == 411
    assert response.json()["error"]["code"] == "length_required"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method(method: str, api: Client, model: AIModel) -> None:
    response = api.generic(method, URL)

    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"
    assert response["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/v1/", "/v1/nothing", "/v1/chat/completions/", "/v1/files/x"])
def test_an_unknown_address(path: str, api: Client, model: AIModel) -> None:
    response = api.get(path)

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/nothing"])
def test_an_unknown_address_of_the_platform(path: str, api: Client, model: AIModel) -> None:
    response = api.get(path)

    assert response.status_code == 404
    assert response.json() == {"error": "There is nothing here.", "code": "not_found"}
    assert response["X-Request-Id"]


def test_a_page_keeps_its_own_errors(client: Client) -> None:
    response = client.get("/nothing/here")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    assert "X-Request-Id" not in response


def test_a_failure_of_the_server(
    client: Client, api: Client, model: AIModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("inference.api.catalogue.usable_model", fail)
    api.raise_request_exception = False

    response = api.get("/v1/models/demo")

    assert response.status_code == 500
    assert response.json()["error"]["code"] == "server_error"
    assert "secret" not in response.content.decode()


def test_the_description_of_the_platform_api(client: Client) -> None:
    response = client.get("/api/v1/openapi.json")

    assert response.status_code == 200
    assert "/api/v1/conversations/{conversation_id}" in response.json()["paths"]
