"""A page whose session has ended gets nothing more."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from conversations.consumers import REVOKED
from tests.conversations.sockets import Socket, opened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@asynccontextmanager
async def page_of(browser: Client) -> AsyncIterator[Socket]:
    socket = Socket(f"sessionid={browser.cookies['sessionid'].value}", "/ws/")
    async with opened(socket):
        await socket.hello()
        await socket.frame()
        yield socket


async def test_signing_out_closes_the_sockets_of_that_browser(browser: Client, alice: User) -> None:
    elsewhere = Client()
    await sync_to_async(elsewhere.force_login)(alice)
    async with page_of(browser) as here, page_of(elsewhere) as there:
        await sync_to_async(browser.post)("/accounts/logout/")

        assert await here.closes_with() == REVOKED
        assert await there.is_silent()


def change_password(user: User) -> None:
    user.set_password("another long password")
    user.save()


def change_name(user: User) -> None:
    user.name = "Alice"
    user.save()


def switch_off(user: User) -> None:
    user.is_active = False
    user.save()


@pytest.mark.parametrize("change", [change_password, switch_off])
async def test_a_change_that_ends_sessions_closes_their_sockets(
    browser: Client, alice: User, change: Callable[[User], None]
) -> None:
    async with page_of(browser) as here:
        await sync_to_async(change)(await User.objects.aget(pk=alice.pk))

        assert await here.closes_with() == REVOKED


async def test_a_changed_name_closes_nothing(browser: Client, alice: User) -> None:
    async with page_of(browser) as here:
        await sync_to_async(change_name)(await User.objects.aget(pk=alice.pk))

        assert await here.is_silent()


async def test_the_sockets_of_other_people_stay(browser: Client, alice: User, bob: User) -> None:
    strangers = Client()
    await sync_to_async(strangers.force_login)(bob)
    async with page_of(browser) as here, page_of(strangers) as there:
        await sync_to_async(browser.post)("/accounts/logout/")

        assert await here.closes_with() == REVOKED
        assert await there.is_silent()


def test_a_page_can_ask_whether_it_is_still_signed_in(browser: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/c/x/?a=b&c"}
    assert browser.get("/session/", headers=headers).status_code == 204

    browser.logout()

    reply = browser.get("/session/", headers=headers)
    assert reply.status_code == 401
    assert "Sign in again" in reply.content.decode()
    assert "?next=/c/x/%3Fa%3Db%26c" in reply.content.decode()
