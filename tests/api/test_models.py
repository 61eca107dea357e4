from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from inference.models import AIModel, AIProvider
from tests.api.conftest import bearer

pytestmark = pytest.mark.django_db


def test_it_lists_models_as_openai_does(api: Client, model: AIModel) -> None:
    response = api.get("/v1/models")

    assert response.json() == {
        "object": "list",
        "data": [
            {
                "id": "demo",
                "object": "model",
                "created": int(model.created_at.timestamp()),
                "owned_by": "Local",
                "input_modalities": ["text"],
            }
        ],
    }
    assert response["X-Request-Id"].startswith("req_")


def test_it_reads_one(api: Client, model: AIModel) -> None:
    assert api.get("/v1/models/demo").json()["id"] == "demo"


@pytest.mark.parametrize("name", ["other", "%00", "dem%C3%B6"])
def test_an_unknown_model_is_404(name: str, api: Client, model: AIModel) -> None:
    response = api.get(f"/v1/models/{name}")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"


def test_what_cannot_be_used_is_not_listed(api: Client, model: AIModel) -> None:
    off = AIProvider.objects.create(name="Off", is_active=False)
    AIModel.objects.create(name="unreachable", provider=off, path="x")
    AIModel.objects.create(name="inactive", provider=model.provider, path="x", is_active=False)

    assert [each["id"] for each in api.get("/v1/models").json()["data"]] == ["demo"]
    assert [each["id"] for each in api.get("/api/v1/models").json()["models"]] == ["demo"]
    assert api.get("/v1/models/inactive").status_code == 404
    assert api.get("/v1/models/unreachable").status_code == 404


def test_the_platform_tells_their_state(api: Client, model: AIModel, worker: None) -> None:
    assert api.get("/api/v1/models").json() == {
        "models": [
            {
                "id": "demo",
                "name": "Demo",
                "provider": "Local",
                "context_window": None,
                "reads_images": False,
                "is_default": True,
                "state": "ready",
                "progress": 1.0,
            }
        ]
    }


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/demo", "/api/v1/models"])
def test_a_key_is_needed(path: str, client: Client, model: AIModel, alice: User) -> None:
    for headers in ({}, {"authorization": "Bearer sk-parley-wrong"}, {"authorization": "Basic x"}):
        response = client.get(path, headers=headers)

        assert response.status_code == 401
        assert "invalid_api_key" in str(response.json())


def test_a_revoked_key_is_none(client: Client, alice: User, model: AIModel) -> None:
    headers: dict[str, Any] = {"authorization": bearer(alice)}
    assert client.get("/v1/models", headers=headers).status_code == 200

    alice.api_keys.update(is_active=False)

    assert client.get("/v1/models", headers=headers).status_code == 401


def test_a_session_may_read(client: Client, alice: User, model: AIModel) -> None:
    client.force_login(alice)

    assert client.get("/api/v1/models").status_code == 200
