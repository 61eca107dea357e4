"""What a key may do by its scopes, and which models it may use."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from ninja import NinjaAPI

from accounts.models import SCOPES, User
from chatsite import api as apis
from conversations.models import Conversation
from inference.models import AIModel, AIProvider
from tests.api.asking import HELLO
from tests.api.keys import program

pytestmark = pytest.mark.django_db

ANY = {
    "GET /v1/models",
    "GET /v1/models/{name}",
    "GET /api/v1/models",
    "GET /api/v1/models/{id}",
}
"""Whoever is known may see which models there are."""
OPEN = {"GET /api/v1/health"}


def operations(api: NinjaAPI, root: str) -> Iterator[tuple[str, Any]]:
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield f"{method} {root}{path}", operation


def all_operations() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for api, root in (
        (apis.v1, "/v1"),
        (apis.messages, "/v1/messages"),
        (apis.platform, "/api/v1"),
    ):
        found.update(operations(api, root))
    return found


def test_every_operation_says_which_scope_it_needs() -> None:
    for name, operation in all_operations().items():
        scopes = {getattr(auth, "scope", None) for auth in operation.auth_callbacks} - {None}
        assert bool(scopes) == (name not in ANY | OPEN), name


def test_what_changes_things_is_not_read() -> None:
    for name, operation in all_operations().items():
        scopes = {getattr(auth, "scope", None) for auth in operation.auth_callbacks}
        if name.startswith(("PATCH ", "PUT ", "DELETE ")):
            assert "read" not in scopes, name


REQUESTS = [
    ("chat", "post", "/v1/chat/completions"),
    ("read", "get", "/api/v1/conversations"),
    ("read", "get", "/api/v1/queue"),
    ("read", "get", "/api/v1/usage"),
    ("manage", "get", "/api/v1/keys"),
    ("manage", "post", "/api/v1/keys"),
]


@pytest.mark.parametrize(("scope", "method", "address"), REQUESTS)
def test_without_the_scope_it_is_refused(
    scope: str, method: str, address: str, alice: User
) -> None:
    without = program(alice, scopes=[each for each in SCOPES if each != scope])
    secret = without.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")

    for client in (without, Client(headers={"x-api-key": secret})):
        response = getattr(client, method)(address, {}, content_type="application/json")

        assert response.status_code == 403
        error = response.json()["error"]
        if address.startswith("/v1/"):
            assert error["code"] == "insufficient_scope"
            assert scope in error["message"]
        else:
            assert response.json()["code"] == "insufficient_scope"
            assert scope in error


@pytest.mark.parametrize(("scope", "method", "address"), REQUESTS)
def test_the_scope_suffices(scope: str, method: str, address: str, alice: User) -> None:
    response = getattr(program(alice, scopes=[scope]), method)(
        address, {}, content_type="application/json"
    )

    assert response.status_code in (200, 400)


def test_reading_a_conversation_is_not_changing_it(alice: User) -> None:
    conversation = Conversation.objects.create(user=alice, title="Mine")
    address = f"/api/v1/conversations/{conversation.pk}"
    reader, manager = program(alice, scopes=["read"]), program(alice, scopes=["manage"])

    assert reader.get(address).status_code == 200
    assert reader.delete(address).status_code == 403
    assert manager.get(address).status_code == 403
    assert manager.delete(address).status_code == 204


@pytest.mark.parametrize("scope", SCOPES)
def test_whoever_is_known_sees_the_models(scope: str, alice: User, model: AIModel) -> None:
    client = program(alice, scopes=[scope])

    assert client.get("/v1/models").status_code == 200
    assert client.get("/v1/models/demo").status_code == 200


@pytest.fixture
def other(model: AIModel) -> AIModel:
    """A second model."""
    provider = AIProvider.objects.get()
    return AIModel.objects.create(name="other", provider=provider, path="other.gguf")


def test_only_allowed_models_are_listed(alice: User, other: AIModel) -> None:
    client = program(alice, models=["other", "gone"])

    assert [each["id"] for each in client.get("/v1/models").json()["data"]] == ["other"]
    listed = client.get("/api/v1/models").json()["models"]
    assert [each["id"] for each in listed] == ["other"]
    assert client.get("/v1/models/other").status_code == 200
    assert client.get("/v1/models/demo").status_code == 404


def test_a_model_that_is_not_allowed_is_not_there(
    alice: User, other: AIModel, worker: None
) -> None:
    client = program(alice, models=["other"])
    body = {"model": "demo", "messages": HELLO}

    response = client.post("/v1/chat/completions", body, content_type="application/json")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"
