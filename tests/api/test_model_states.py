"""Loading and unloading models by the API."""

import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.test import Client

from accounts.models import APIKey, User
from inference import presence
from inference.loading import LOAD_TASK, UNLOAD_CHANNEL
from inference.models import AIModel
from inference.presence import Files, ModelState, WorkerState
from tests.api.conftest import bearer

URL = "/api/v1/models/demo"

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(charlie: User) -> Client:
    return Client(headers={"authorization": bearer(charlie)})


@pytest.fixture
def connection() -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as connection:
        yield connection


def report(model: AIModel, state: ModelState) -> None:
    presence.report(WorkerState("tests", {model.pk: state}, seen_at=time.time()))


def test_a_workers_queue_gets_the_wish_to_load_it(
    staff: Client, model: AIModel, connection: "redis.Redis"
) -> None:
    presence.report(WorkerState("tests", seen_at=time.time()))

    response = staff.post(f"{URL}/start")

    assert response.status_code == 202
    assert (response.json()["id"], response.json()["state"]) == ("demo", "absent")
    [message] = connection.lrange(model.queue, 0, -1)  # type: ignore[misc]
    assert LOAD_TASK in message


def test_all_workers_hear_the_wish_to_unload_it(
    staff: Client, model: AIModel, worker: None, connection: "redis.Redis"
) -> None:
    with connection.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(UNLOAD_CHANNEL)
        channel.get_message(timeout=1)

        response = staff.post(f"{URL}/stop")

        message = channel.get_message(timeout=1)
    assert response.status_code == 202
    assert message
    assert message["data"] == str(model.pk)


def test_what_is_not_loaded_needs_no_unloading(staff: Client, model: AIModel) -> None:
    response = staff.post(f"{URL}/stop")

    assert (response.status_code, response.json()["state"]) == (202, "absent")


def test_nothing_can_be_done_without_a_worker(staff: Client, model: AIModel) -> None:
    assert staff.post(f"{URL}/start").status_code == 503
    lacking = WorkerState("tests", seen_at=time.time(), files=Files([], time.time() + 60))
    presence.report(lacking)
    assert staff.post(f"{URL}/start").status_code == 503
    report(model, ModelState("ready", 1.0))  # by one that hears nothing
    assert staff.post(f"{URL}/stop").status_code == 503


@pytest.mark.parametrize(
    "state", [ModelState("loading", 0.5), ModelState("stopping", 1.0), ModelState("failed")]
)
def test_the_state_can_be_read(state: ModelState, api: Client, model: AIModel) -> None:
    report(model, state)

    told = api.get(URL).json()

    assert (told["id"], told["state"], told["progress"]) == ("demo", state.state, state.progress)


@pytest.mark.parametrize("action", ["start", "stop"])
def test_only_staff_may(
    action: str, api: Client, client: Client, charlie: User, model: AIModel, worker: None
) -> None:
    reader = f"Bearer {APIKey.objects.issue(charlie, 'reads', scopes=['read'])[1]}"

    assert api.post(f"{URL}/{action}").status_code == 403
    assert client.post(f"{URL}/{action}").status_code == 401
    assert client.post(f"{URL}/{action}", headers={"authorization": reader}).status_code == 403


@pytest.mark.parametrize("path", ["", "/start", "/stop"])
def test_an_unknown_model_is_404(path: str, staff: Client, model: AIModel) -> None:
    call = staff.post if path else staff.get

    response = call(f"/api/v1/models/other{path}")

    assert (response.status_code, response.json()["code"]) == (404, "model_not_found")
