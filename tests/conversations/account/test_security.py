"""/account/security/: where somebody is signed in, and ending that."""

from datetime import UTC, datetime

import pytest
import redis
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.test import Client

from accounts import devices
from accounts.models import User
from conversations.consumers import REVOKED
from conversations.models import Conversation
from tests.conversations.sockets import Socket, opened

PAGE = "/account/security/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)


def browser(user: User, agent: str = FIREFOX) -> Client:
    """One with which a page was looked at."""
    client = Client(headers={"User-Agent": agent})
    client.force_login(user)
    client.get("/")
    return client


def shown(client: Client) -> list[tuple[str, bool]]:
    found = client.get(PAGE).context["devices"]
    return [(device["name"], device["is_this"]) for device in found]


def is_in(client: Client) -> bool:
    return client.get("/session/").status_code == 204


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("curl/8", "Unknown device"),
        ("", "Unknown device"),
        ("x" * 1000, "Unknown device"),
    ],
)
def test_devices_are_called_by_what_they_are(alice: User, agent: str, name: str) -> None:
    assert shown(browser(alice, agent)) == [(name, True)]


def test_all_are_listed_this_one_first(alice: User, bob: User) -> None:
    phone, here = browser(alice, SAFARI), browser(alice)
    browser(bob)
    assert shown(here) == [("Firefox on Linux", True), ("Safari on iPhone", False)]
    assert shown(phone)[0] == ("Safari on iPhone", True)


def test_one_that_signed_out_is_gone(alice: User) -> None:
    phone, here = browser(alice, SAFARI), browser(alice)
    phone.post("/accounts/logout/")
    assert shown(here) == [("Firefox on Linux", True)]


def test_one_is_signed_out(alice: User) -> None:
    phone, here = browser(alice, SAFARI), browser(alice)
    other = next(device for device in here.get(PAGE).context["devices"] if not device["is_this"])

    here.post(f"/account/sessions/{other['row'].pk}/end/")

    assert is_in(here)
    assert not is_in(phone)
    assert shown(here) == [("Firefox on Linux", True)]


def test_sessions_of_others_are_not_there(alice: User, bob: User) -> None:
    here, stranger = browser(alice), browser(bob)
    session = UserSession.objects.get(user=alice)
    assert stranger.post(f"/account/sessions/{session.pk}/end/").status_code == 404
    assert is_in(here)


def test_everywhere_else_is_everywhere(alice: User, bob: User) -> None:
    phone, here, stranger = browser(alice, SAFARI), browser(alice), browser(bob)
    never_seen = Client()
    never_seen.force_login(alice)

    here.post("/account/sessions/end-others/")

    assert [is_in(client) for client in (here, phone, never_seen, stranger)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert shown(here) == [("Firefox on Linux", True)]
    alice.refresh_from_db()
    assert alice.check_password("a long password")


def test_without_redis_pages_come_all_the_same(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(devices, "shared_redis", away)
    assert is_in(browser(alice))


def socket_of(client: Client) -> Socket:
    return Socket(f"sessionid={client.cookies['sessionid'].value}", "/ws/")


@pytest.mark.django_db(transaction=True)
async def test_the_sockets_of_ended_sessions_close(alice: User) -> None:
    phone, here = await sync_to_async(browser)(alice, SAFARI), await sync_to_async(browser)(alice)
    session = await UserSession.objects.aget(session_key=phone.cookies["sessionid"].value)
    async with opened(socket_of(phone)) as there, opened(socket_of(here)) as mine:
        for socket in (there, mine):
            await socket.hello()
            await socket.frame()

        await sync_to_async(here.post)(f"/account/sessions/{session.pk}/end/")

        assert await there.closes_with() == REVOKED
        assert await mine.is_silent()


@pytest.mark.django_db(transaction=True)
async def test_signing_out_everywhere_else_closes_their_sockets(alice: User) -> None:
    phone, here = await sync_to_async(browser)(alice, SAFARI), await sync_to_async(browser)(alice)
    async with opened(socket_of(phone)) as there:
        await there.hello()
        await there.frame()

        await sync_to_async(here.post)("/account/sessions/end-others/")

        assert await there.closes_with() == REVOKED


@pytest.mark.django_db(transaction=True)
async def test_a_socket_speaks_the_language_of_its_reader(alice: User) -> None:
    alice.language = "fr"
    await alice.asave()
    long_ago = datetime(2020, 1, 15, tzinfo=UTC)
    await Conversation.objects.acreate(user=alice, title="Foxes", updated_at=long_ago)
    async with opened(socket_of(await sync_to_async(browser)(alice))) as socket:
        await socket.hello()
        assert "janvier 2020" in await socket.frame()
