import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.test import Client

from inference import presence
from inference.models import AIModel
from inference.presence import ModelState, WorkerState

pytestmark = pytest.mark.django_db


def report(model: AIModel, state: ModelState) -> None:
    presence.report(WorkerState("tests", {model.pk: state}, seen_at=time.time()))


@pytest.fixture
def no_redis() -> Iterator[None]:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise redis.ConnectionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis.Redis, "execute_command", fail)
        yield


def test_liveness(client: Client, no_redis: None) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


def test_it_is_ready_when_all_parts_are(client: Client, model: AIModel, worker: None) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "database": {"ok": True},
        "redis": {"ok": True},
        "worker": {"ok": True, "workers": 1},
        "model": {"ok": True},
        "models": {"demo": {"state": "ready", "progress": 1.0}},
    }


def test_it_tells_how_far_loading_is(client: Client, model: AIModel) -> None:
    report(model, ModelState("loading", 0.456))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["model"] == {"ok": False}
    assert response.json()["models"] == {"demo": {"state": "loading", "progress": 0.46}}


def test_it_is_not_ready_without_a_worker(client: Client, model: AIModel) -> None:
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["worker"] == {"ok": False, "workers": 0}


def test_it_is_not_ready_without_redis(client: Client, model: AIModel, no_redis: None) -> None:
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["redis"] == {"ok": False}


def test_another_model_that_fails_does_no_harm(client: Client, model: AIModel) -> None:
    other = AIModel.objects.create(name="broken", provider=model.provider, path="x")
    states = {model.pk: ModelState("ready", 1.0), other.pk: ModelState("failed", error="secret")}
    presence.report(WorkerState("tests", states, seen_at=time.time()))

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["models"]["broken"]["state"] == "failed"
    assert "secret" not in response.content.decode()


def test_health_needs_no_key(client: Client, model: AIModel) -> None:
    report(model, ModelState("loading", 0.25))

    assert client.get("/api/v1/health").json() == {
        "ok": True,
        "status": "loading",
        "model_loaded": False,
        "progress": 0.25,
    }

    report(model, ModelState("ready", 1.0))

    assert client.get("/api/v1/health").json()["model_loaded"] is True


def test_health_answers_without_models_and_redis(client: Client, no_redis: None) -> None:
    response = client.get("/api/v1/health")

    assert response.status_code == 200
    assert response.json()["status"] == "absent"
