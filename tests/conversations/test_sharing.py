"""Links that let others read a branch as it was."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations import actions as continuing
from conversations.models import Conversation, Message, SharedLink
from conversations.sharing import actions
from inference.models import AIModel
from tests.conversations.builders import answered, asked, said, stopped


def link_to(conversation: Conversation, **fields: Any) -> str:
    """The path of a new link."""
    link = actions.share(conversation)
    SharedLink.objects.filter(pk=link.pk).update(**fields)
    return f"/s/{link.token}/"


def test_the_dialog_makes_a_link(page: Client, conversation: Conversation) -> None:
    html = page.post(f"/c/{conversation.pk}/share/", {"days": ""}).content.decode()

    [link] = SharedLink.objects.all()
    assert f'value="http://testserver/s/{link.token}/"' in html
    assert len(link.token) >= 43
    assert (link.expires_at, link.leaf_id) == (None, conversation.leaf_id)


def test_a_link_may_expire(page: Client, conversation: Conversation) -> None:
    page.post(f"/c/{conversation.pk}/share/", {"days": "7"})

    [link] = SharedLink.objects.all()
    assert link.expires_at
    assert abs(link.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)


def test_without_scripts_the_dialog_is_a_page(
    plain_page: Client, conversation: Conversation
) -> None:
    address = f"/c/{conversation.pk}/share/"
    assert "Create link" in plain_page.get(address).content.decode()

    assert "/s/" in plain_page.post(address).content.decode()
    [link] = SharedLink.objects.all()
    reply = plain_page.post(f"{address}{link.pk}/revoke/", follow=True)

    assert link.token not in reply.content.decode()


def test_an_answer_that_goes_on_later_stays_as_it_was(
    client: Client, alice: User, model: AIModel
) -> None:
    cut = stopped(asked(alice, model, "What is a fox?"), "A fox is")
    address = link_to(cut.conversation)

    continuing.go_on(alice, cut)
    assert answered(cut, " not for you.").content == "A fox is not for you."

    html = client.get(address).content.decode()
    assert "A fox is" in html
    assert "not for you" not in html


def test_anybody_reads_it(client: Client, conversation: Conversation) -> None:
    reply = client.get(link_to(conversation))
    html = reply.content.decode()

    assert "What is a fox?" in html
    assert "<strong>small</strong>" in html
    assert "alice" not in html
    assert reply["X-Robots-Tag"] == "noindex, nofollow"
    assert reply["Referrer-Policy"] == "same-origin"
    assert "no-store" in reply["Cache-Control"]


def test_it_shows_nothing_but_that_branch(
    client: Client, alice: User, model: AIModel, conversation: Conversation
) -> None:
    other = conversation.messages.create(role="user", content="Another branch")
    Conversation.objects.filter(pk=conversation.pk).update(title="The old title")
    conversation.refresh_from_db()
    path = link_to(conversation)

    said(conversation, "user", "A later message")
    Conversation.objects.filter(pk=conversation.pk).update(title="A new and secret title")
    html = client.get(path).content.decode()

    assert "The old title" in html
    assert "A later message" not in html
    assert "secret" not in html
    assert other.content not in html


def test_an_answer_that_is_being_written_is_not_shared(
    client: Client, live_conversation: Conversation
) -> None:
    path = link_to(live_conversation)
    Message.objects.filter(pk=live_conversation.leaf_id).update(content="The answer since")

    html = client.get(path).content.decode()

    assert "What is a fox?" in html
    assert "The answer since" not in html


def test_what_was_said_is_no_markup(client: Client, alice: User, model: AIModel) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))"
    conversation = answered(asked(alice, model, evil), evil).conversation
    Conversation.objects.filter(pk=conversation.pk).update(title=evil[:100])
    conversation.refresh_from_db()

    html = client.get(link_to(conversation)).content.decode()

    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert 'href="javascript:' not in html


def test_a_long_one_comes_in_parts(client: Client, alice: User) -> None:
    conversation = Conversation.objects.create(user=alice, title="Long")
    for number in range(150):
        said(conversation, ["user", "assistant"][number % 2], f"Message {number}.")

    html = client.get(path := link_to(conversation)).content.decode()
    [after] = re.findall(r'href="(\?after=\d+)"', html)
    rest = client.get(path + after).content.decode()

    assert "Message 0." in html and "Message 99." in html and "Message 100." not in html
    assert "Message 100." in rest and "Message 149." in rest and "after=" not in rest


def fields(**changes: Any) -> Any:
    return changes


@pytest.mark.parametrize(
    ("of_link", "of_conversation", "of_owner"),
    [
        (fields(revoked_at=timezone.now()), {}, {}),
        (fields(expires_at=timezone.now()), {}, {}),
        ({}, fields(deleted_at=timezone.now()), {}),
        ({}, fields(is_temporary=True), {}),
        ({}, {}, fields(is_active=False)),
    ],
)
def test_links_end(
    client: Client,
    alice: User,
    conversation: Conversation,
    of_link: dict[str, Any],
    of_conversation: dict[str, Any],
    of_owner: dict[str, Any],
) -> None:
    path = link_to(conversation)
    assert client.get(path).status_code == 200

    SharedLink.objects.update(**of_link or {"expires_at": None})
    Conversation.objects.update(**of_conversation or {"is_unread": False})
    User.objects.filter(pk=alice.pk).update(**of_owner or {"name": ""})

    reply = client.get(path)
    assert reply.status_code == 404
    assert reply.content == client.get(f"/s/{'x' * 43}/").content


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 64, "%00" * 43, "..%2f" * 10, "'" * 43])
def test_tokens_that_never_were_lead_nowhere(client: Client, db: None, token: str) -> None:
    assert client.get(f"/s/{token}/").status_code == 404


def test_only_the_owner_shares_and_revokes(
    strangers_page: Client, page: Client, client: Client, conversation: Conversation
) -> None:
    path = link_to(conversation)
    [link] = SharedLink.objects.all()
    address = f"/c/{conversation.pk}/share/"

    assert strangers_page.get(address).status_code == 404
    assert strangers_page.post(address).status_code == 404
    assert strangers_page.post(f"{address}{link.pk}/revoke/").status_code == 404
    assert client.get(path).status_code == 200

    assert page.post(f"{address}{link.pk}/revoke/").status_code == 200
    assert client.get(path).status_code == 404


def test_a_link_of_another_conversation_is_not_revoked_here(
    strangers_page: Client, client: Client, bob: User, conversation: Conversation
) -> None:
    path = link_to(conversation)
    [link] = SharedLink.objects.all()
    own = Conversation.objects.create(user=bob, title="Own")

    strangers_page.post(f"/c/{own.pk}/share/{link.pk}/revoke/")

    assert client.get(path).status_code == 200


def test_what_can_not_be_shared(page: Client, alice: User) -> None:
    empty = Conversation.objects.create(user=alice, title="Empty")
    temporary = Conversation.objects.create(user=alice, title="Temporary", is_temporary=True)
    said(temporary, "user", "Hush")

    for conversation, told in ((empty, "nothing to share"), (temporary, "temporary chat")):
        reply = page.post(f"/c/{conversation.pk}/share/")
        assert reply.status_code == 409
        assert told in reply.content.decode()
    assert page.post(f"/c/{empty.pk}/share/", {"days": "x"}).status_code == 422


def test_a_reader_goes_on_with_a_chat_of_their_own(
    strangers_page: Client, bob: User, conversation: Conversation
) -> None:
    path = link_to(conversation)
    assert "Continue this chat" in strangers_page.get(path).content.decode()

    reply = strangers_page.post(f"{path}continue/")

    copy = Conversation.objects.get(user=bob)
    assert reply["Location"] == f"/c/{copy.pk}/"
    assert [message.content for message in copy.messages.order_by("pk")] == [
        "What is a fox?",
        "A **small** animal.",
    ]
    first, last = copy.messages.order_by("pk")
    assert (first.parent, last.parent, copy.leaf) == (None, first, last)
    assert {message.author for message in (first, last)} == {bob}
    assert (first.answered_by, last.answered_by) == ("", "demo")
    html = strangers_page.get(link_to(copy)).content.decode()
    assert '<h2 class="message-model">Demo</h2>' in html


def test_who_is_signed_out_signs_in_to_go_on(client: Client, conversation: Conversation) -> None:
    path = link_to(conversation)

    assert f"/accounts/login/?next={path}" in client.get(path).content.decode()
    assert client.post(f"{path}continue/").status_code == 302
    assert Conversation.objects.count() == 1


def test_links_may_be_for_people_with_an_account_alone(
    client: Client, strangers_page: Client, conversation: Conversation, settings: Any
) -> None:
    settings.PUBLIC_LINKS = False
    path = link_to(conversation)

    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"
    assert client.get(f"/s/{'x' * 43}/").status_code == 302
    assert strangers_page.get(path).status_code == 200
