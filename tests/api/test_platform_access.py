"""Rules about models and keys hold on each of the platform's endpoints, not on some of them."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import APIKey, User
from inference.models import AIModel, Generation

ASKING: dict[str, dict[str, Any]] = {
    "/generate": {"model_id": "demo", "prompt": "x"},
    "/generate/stream": {"model_id": "demo", "prompt": "x"},
    "/tokenize": {"model_id": "demo", "prompt": "x"},
    "/compare": {"model_ids": ["demo", "other"], "prompt": "x"},
    "/chat": {"model_id": "demo", "message": "x"},
    "/conversations": {"model_id": "demo"},
}

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("path", ASKING)]


@pytest.fixture
def other(model: AIModel) -> AIModel:
    return AIModel.objects.create(name="other", provider=model.provider, path="other.gguf")


def ask(user: User, path: str, **restrictions: Any) -> Any:
    key = APIKey.objects.issue(user, "tests", **restrictions)[1]
    api = Client(headers={"authorization": f"Bearer {key}"})
    return api.post(f"/api/v1{path}", ASKING[path], "application/json")


def test_a_model_that_is_not_for_the_key_is_404(
    path: str, alice: User, worker: None, other: AIModel
) -> None:
    response = ask(alice, path, models=["other"])

    assert (response.status_code, response.json()["code"]) == (404, "model_not_found")
    assert not Generation.objects.filter(model__name="demo").exists()


def test_a_model_that_is_off_is_404(path: str, alice: User, worker: None, other: AIModel) -> None:
    AIModel.objects.filter(name="demo").update(is_active=False)

    assert ask(alice, path).status_code == 404


def test_a_key_that_may_only_read_is_refused(path: str, alice: User, worker: None) -> None:
    response = ask(alice, path, scopes=["read"])

    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")


def test_a_session_needs_its_token(path: str, alice: User, worker: None) -> None:
    page = Client(enforce_csrf_checks=True)
    page.force_login(alice)

    response = page.post(f"/api/v1{path}", ASKING[path], "application/json")

    assert response.status_code == 403


def test_a_form_is_refused(path: str, alice: User, worker: None) -> None:
    page = Client(enforce_csrf_checks=True)
    page.force_login(alice)
    page.get("/")
    token = page.cookies["csrftoken"].value

    response = page.post(f"/api/v1{path}", {"name": "laptop"}, headers={"X-CSRFToken": token})

    assert (response.status_code, response.json()["code"]) == (400, "invalid_json")
