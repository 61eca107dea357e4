"""Connecting a client first, and submitting to it afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from accounts.models import User
from inference import client_connections
from inference.api import runs
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from tests.api.conftest import Answering, bearer
from tests.api.platform_streams import Visitor, post, visiting

SUBMIT = "/api/v1/chat/submit"
QUESTION: dict[str, Any] = {"client_id": "tab-1", "prompt": "What is distillation?"}

pytestmark = pytest.mark.django_db(transaction=True)


@asynccontextmanager
async def connected(key: dict[str, str], client_id: str = "tab-1") -> AsyncIterator[Visitor]:
    async with visiting(key, f"/api/v1/chat/stream/{client_id}", method="GET") as visitor:
        await visitor.until("open")
        yield visitor


async def ended(count: int) -> None:
    """Until so many runs were stopped or are over."""
    over = Generation.objects.exclude(status__in=Generation.LIVE)
    async with asyncio.timeout(5):
        while await over.acount() < count:
            await asyncio.sleep(0.01)


async def test_the_answer_comes_on_the_connection(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("Trans", "fer") as answerer:
        async with connected(key) as visitor:
            response = await post(key, SUBMIT, **QUESTION, context="It is a process.")
            [done] = await visitor.until("done")

    assert response.status_code == 202
    submitted = response.json()
    assert (submitted["client_id"], submitted["position"]) == ("tab-1", 1)
    assert done["job_id"] == submitted["job_id"]
    assert (done["tokens"], done["finish_reason"]) == (2, "stop")
    assert "".join(token["text"] for token in visitor.named("token")) == "Transfer"
    assert answerer.seen[0].messages == [
        {"role": "user", "content": "It is a process.\n\nWhat is distillation?"}
    ]


async def test_answers_come_in_the_order_of_the_questions(
    key: dict[str, str], worker: None, answering: Answering
) -> None:
    async with connected(key) as visitor:
        asked = [(await post(key, SUBMIT, **QUESTION)).json() for _number in range(3)]
        with answering("a", "b"):
            await visitor.until("done", 3)

    assert [each["position"] for each in asked] == [1, 2, 3]
    told = [event.fields["job_id"] for event in visitor.events if event.name in ("token", "done")]
    assert told == [each["job_id"] for each in asked for _event in range(3)]


async def test_it_tells_the_place_in_line(
    key: dict[str, str], worker: None, bob: User, model: AIModel
) -> None:
    from inference import lifecycle
    from inference.ask import Ask

    chat = Ask([{"role": "user", "content": "Hello"}])
    submit = asyncio.to_thread(lifecycle.submit, bob, model, chat, {}, Generation.Source.API)
    await submit

    async with connected(key) as visitor:
        await post(key, SUBMIT, **QUESTION)
        [queued] = await visitor.until("queued")

    assert queued["position"] == 2
    assert queued["estimated_wait"] is None


async def test_a_failed_answer_does_not_end_the_connection(
    key: dict[str, str], answering: Answering
) -> None:
    async with connected(key) as visitor:
        with answering(outcome=Outcome.failed("The model failed.")):
            await post(key, SUBMIT, **QUESTION)
            [error] = await visitor.until("error")
        with answering("fine"):
            await post(key, SUBMIT, **QUESTION)
            await visitor.until("done")

    assert (error["error"], error["code"]) == ("The model failed.", "server_error")


async def test_a_client_that_goes_away_ends_all_its_runs(
    key: dict[str, str], answering: Answering
) -> None:
    with answering(*["word "] * 500, pause=0.02) as answerer:
        async with connected(key) as visitor:
            for _number in range(3):
                await post(key, SUBMIT, **QUESTION)
            await visitor.until("token", 2)
        await ended(3)

    assert {run.status async for run in Generation.objects.all()} == {"stopped"}
    assert answerer.stopped_after is not None
    assert (await post(key, SUBMIT, **QUESTION)).status_code == 404


async def test_who_is_not_connected_is_404(key: dict[str, str], worker: None) -> None:
    response = await post(key, SUBMIT, **QUESTION)

    assert response.status_code == 404
    assert "tab-1" in response.json()["error"]
    assert not await Generation.objects.aexists()


async def test_a_stranger_cannot_submit_to_ones_client(
    key: dict[str, str], bob: User, alice: User, worker: None
) -> None:
    strangers = [{"authorization": await asyncio.to_thread(bearer, user)} for user in (bob, alice)]

    async with connected(key):
        for stranger in strangers:  # the other key of alice's is one, too
            assert (await post(stranger, SUBMIT, **QUESTION)).status_code == 404

    assert not await Generation.objects.aexists()


async def test_two_owners_may_choose_the_same_id(
    key: dict[str, str], bob: User, answering: Answering
) -> None:
    bobs = {"authorization": await asyncio.to_thread(bearer, bob)}

    with answering("Hi"):
        async with connected(key) as alices, connected(bobs) as his:
            await post(bobs, SUBMIT, **QUESTION)
            await his.until("done")

    assert alices.named("token") == []


async def test_connecting_again_takes_the_place_of_the_last_connection(
    key: dict[str, str], answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering("Hi"):
        async with connected(key) as former, connected(key) as latter:
            await post(key, SUBMIT, **QUESTION)
            await latter.until("done")

    assert former.named("token") == []


async def test_a_former_connection_is_ended(
    key: dict[str, str], worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.api.platform.client_streams.RENEWED_EVERY", 0.05)
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)

    former = Visitor(key, "GET", "/api/v1/chat/stream/tab-1")
    listening = asyncio.create_task(former.run())
    await former.until("open")
    async with connected(key):
        await asyncio.wait_for(listening, 5)


async def test_a_quiet_connection_is_kept(
    key: dict[str, str], answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.api.platform.client_streams.RENEWED_EVERY", 0.2)
    monkeypatch.setattr(client_connections, "LIFETIME_SECONDS", 1)
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.1)

    with answering("Hi"):
        async with connected(key) as visitor:
            await asyncio.sleep(1.5)
            assert (await post(key, SUBMIT, **QUESTION)).status_code == 202
            await visitor.until("done")

    assert ": keep-alive\n\n" in visitor.stream


async def test_without_redis_a_connection_asks_now_and_then(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = client_connections.Connection(client_connections.Client("tab-1", 1), "token")
    monkeypatch.setattr(client_connections, "RETRY_SECONDS", 0.05)
    settings.REDIS_URL = "unix:///nowhere.sock"

    began = time.monotonic()
    async with aclosing(connection.jobs(patience=60)) as jobs:
        assert [await anext(jobs) for _time in range(4)] == [None] * 4
    assert time.monotonic() - began > 0.15


async def test_so_many_wait_for_a_client_at_most(
    key: dict[str, str], worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_connections, "MOST_JOBS", 2)

    async with connected(key):
        statuses = [(await post(key, SUBMIT, **QUESTION)).status_code for _number in range(3)]

    assert statuses == [202, 202, 429]
    await ended(3)


async def test_so_many_clients_of_a_user_at_most(
    alice: User, bob: User, key: dict[str, str], worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_connections, "MOST_OF_USER", 2)
    of_alice, of_bob = await sync_to_async(bearer)(alice), await sync_to_async(bearer)(bob)

    async with connected(key), connected({"authorization": of_alice}, "tab-2"):
        refused = await AsyncClient().get("/api/v1/chat/stream/tab-3", headers=key)
        async with connected({"authorization": of_bob}, "tab-3"):
            pass
    async with connected(key, "tab-3"):  # there is room again
        pass

    assert refused.status_code == 429
    assert refused.json() == {
        "error": "You have 2 clients connected already. Disconnect some first.",
        "code": "rate_limit_exceeded",
    }
    assert int(refused["Retry-After"]) > 0


async def test_clients_that_were_lost_make_room(
    key: dict[str, str], alice: User, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_connections, "MOST_OF_USER", 1)
    monkeypatch.setattr(client_connections, "LIFETIME_SECONDS", 1)
    await sync_to_async(client_connections.connect)(client_connections.Client("lost", alice.pk))

    refused = await AsyncClient().get("/api/v1/chat/stream/tab-1", headers=key)
    await asyncio.sleep(1.1)
    async with connected(key):
        pass

    assert refused.status_code == 429


def test_a_session_has_clients_of_its_own(client: Client, alice: User, worker: None) -> None:
    client.force_login(alice)
    client_connections.connect(client_connections.Client("tab-1", alice.pk))

    assert client.post(SUBMIT, QUESTION, "application/json").status_code == 202


@pytest.mark.parametrize("id", ["a b", "ä", "x" * 101, "a%0Ab", "%00"])
def test_an_id_that_cannot_be_is_refused(id: str, api: Client) -> None:
    response = api.get(f"/api/v1/chat/stream/{id}")

    assert response.status_code == 400
    assert "client_id" in response.json()["error"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"client_id": "a b"}, "client_id"),
        ({"prompt": ""}, "prompt"),
        ({"context": None}, "context"),
        ({"temperature": "hot"}, "temperature"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], named: str, api: Client, worker: None) -> None:
    response = api.post(SUBMIT, QUESTION | change, "application/json")

    assert response.status_code == 400
    assert named in response.json()["error"]


def test_a_key_is_needed(client: Client, model: AIModel) -> None:
    assert client.get("/api/v1/chat/stream/tab-1").status_code == 401
    assert client.post(SUBMIT, QUESTION, "application/json").status_code == 401
