"""Shared links and drafts in the admin: whose and how many, never what is in them."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations.drafts.actions import keep
from conversations.models import Conversation, SharedLink
from conversations.sharing import actions
from tests.conversations.builders import said

LINKS, DRAFTS = "/admin/conversations/sharedlink/", "/admin/conversations/draft/"


@pytest.fixture
def link(alice: User) -> SharedLink:
    conversation = Conversation.objects.create(user=alice, title="Xylophones")
    said(conversation, "user", "What is a xylophone?")
    return actions.share(conversation)


def test_links_are_listed_without_what_they_show(admin: Client, link: SharedLink) -> None:
    html = admin.get(LINKS).content.decode()

    assert "alice@example.org" in html
    assert "works" in html
    assert "ylophone" not in html
    assert link.token not in html
    assert admin.get(f"{LINKS}{link.pk}/change/").status_code == 404


def test_staff_revoke_links(admin: Client, client: Client, link: SharedLink) -> None:
    reply = admin.post(LINKS, {"action": "revoke", "_selected_action": [link.pk]}, follow=True)

    assert "1 link was revoked." in reply.content.decode()
    assert client.get(f"/s/{link.token}/").status_code == 404
    assert "revoked" in admin.get(LINKS).content.decode()


def test_who_may_only_look_revokes_nothing(
    staff: Callable[..., Client], client: Client, link: SharedLink
) -> None:
    dora = staff("conversations.view_sharedlink")
    assert dora.get(LINKS).status_code == 200

    dora.post(LINKS, {"action": "revoke", "_selected_action": [link.pk]})

    assert client.get(f"/s/{link.token}/").status_code == 200


def test_drafts_are_counted_not_read(admin: Client, alice: User) -> None:
    keep(alice, None, "A secret thought")

    html = admin.get(DRAFTS).content.decode()

    assert "alice@example.org" in html
    assert "secret" not in html


@pytest.mark.parametrize("lookup", ["token__startswith", "conversation__title", "leaf__content"])
def test_the_address_tells_nothing_of_links(admin: Client, link: SharedLink, lookup: str) -> None:
    assert admin.get(LINKS, {lookup: "X"}).status_code in (302, 400)
