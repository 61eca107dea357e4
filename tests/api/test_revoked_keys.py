"""What goes on for a key that may not ask any more: it is stopped."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from accounts.models import APIKey, User
from inference import lifecycle
from inference.api import runs
from inference.ask import Ask
from inference.models import AIModel, Generation
from tests.api.platform_streams import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

Way = Callable[[APIKey, User], None]


def over_the_api(key: APIKey, staff: User) -> None:
    _other, secret = APIKey.objects.issue(key.user, "phone")
    phone = Client(headers={"x-api-key": secret})
    assert phone.delete(f"/api/v1/keys/{key.pk}").status_code == 204


def in_the_admin(key: APIKey, staff: User) -> None:
    client = Client()
    client.force_login(staff)
    form = {"action": "revoke", "_selected_action": [key.pk]}
    assert client.post("/admin/accounts/apikey/", form).status_code == 302


def by_its_expiry(key: APIKey, staff: User) -> None:
    APIKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def by_deactivating_its_user(key: APIKey, staff: User) -> None:
    User.objects.filter(pk=key.user_id).update(is_active=False)


WAYS = [over_the_api, in_the_admin, by_its_expiry, by_deactivating_its_user]


def ask(key: APIKey, model: AIModel) -> Generation:
    chat = Ask([{"role": "user", "content": "Hello"}])
    return lifecycle.submit(key.user, model, chat, {}, Generation.Source.API, api_key=key)


def begin(run: Generation) -> Generation:
    Generation.objects.filter(pk=run.pk).update(status=Generation.Status.RUNNING, attempt=1)
    return run


@pytest.mark.parametrize("way", WAYS)
def test_its_answers_are_stopped_and_those_of_keys_that_it_made(
    way: Way, alice: User, charlie: User, model: AIModel
) -> None:
    maker, _secret = APIKey.objects.issue(alice, "laptop")
    made, _secret = APIKey.objects.issue(alice, "script", issued_by=maker)
    running, waiting = begin(ask(maker, model)), ask(made, model)
    lifecycle.stop_disallowed()
    assert Generation.objects.filter(status__in=Generation.LIVE, stop_requested=False).count() == 2

    way(maker, charlie)
    lifecycle.stop_disallowed()

    running.refresh_from_db()
    waiting.refresh_from_db()
    assert running.stop_requested
    assert (waiting.status, waiting.reason) == ("stopped", "cancelled")


def test_others_go_on(alice: User, bob: User, model: AIModel) -> None:
    revoked, _secret = APIKey.objects.issue(alice, "laptop")
    made, _secret = APIKey.objects.issue(alice, "script", issued_by=revoked)
    others = [APIKey.objects.issue(user, "other")[0] for user in (alice, bob)]
    going = [ask(key, model) for key in (revoked, *others)]
    going.append(lifecycle.submit(alice, model, Ask([]), {}, Generation.Source.CHAT))
    APIKey.objects.filter(pk=made.pk).revoke()

    lifecycle.stop_disallowed()

    assert {run.pk for run in Generation.objects.filter(status="queued")} == {
        run.pk for run in going
    }


async def test_its_connected_clients_are_disconnected(
    alice: User, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.api.platform.client_streams.RENEWED_EVERY", 0.05)
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)
    key, secret = await sync_to_async(APIKey.objects.issue)(alice, "laptop")
    visitor = Visitor({"x-api-key": secret}, "GET", "/api/v1/chat/stream/tab-1")
    connected = asyncio.create_task(visitor.run())
    await visitor.until("open")
    await asyncio.sleep(0.2)
    assert not connected.done()

    await sync_to_async(APIKey.objects.filter(pk=key.pk).revoke)()

    await asyncio.wait_for(connected, 5)
