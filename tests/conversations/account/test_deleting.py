"""Deleting an account leaves nothing of its person."""

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models
from django.test import Client

from accounts.models import APIKey, User
from conversations.consumers import REVOKED
from conversations.models import Conversation, Message, Project
from inference.models import AIModel, Generation, UsageLog
from tests.accounts.second_step import turned_on
from tests.conversations.account.test_security import browser, socket_of
from tests.conversations.builders import asked
from tests.conversations.sockets import opened

PAGE = "/account/delete/"
FORM = {"password": "a long password"}


def rows_of(user_id: int) -> list[str]:
    """Every column of every table that still points to the person."""
    return [
        str(field)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is User
        if model._base_manager.filter(**{field.name: user_id}).exists()
    ]


def test_nothing_is_left(alice: User, bob: User, conversation: Conversation) -> None:
    client, _secret = turned_on(alice)
    client.post("/", {"text": "Anything else?", "model": "demo"})
    project = Project.objects.create(user=alice, name="Foxes")
    project.members.create(user=bob, access="write")
    theirs = Conversation.objects.create(user=bob, title="Bob's", project=project)
    question = theirs.messages.create(author=alice, role="user", content="From alice")
    theirs.messages.create(author=alice, role="assistant", content="Hello", parent=question)
    alice.prompts.create(name="Short", prompt="Be short.")
    alice.drafts.create(text="Half")
    APIKey.objects.issue(alice, "laptop")
    EmailAddress.objects.create(user=alice, email=alice.email)
    assert Generation.objects.filter(user=alice, status="queued").exists()

    page = client.post(PAGE, FORM).content.decode()

    assert "Your account is deleted" in page
    assert not User.objects.filter(pk=alice.pk).exists()
    assert rows_of(alice.pk) == []
    assert not Generation.objects.exists()
    assert not UsageLog.objects.exists()
    assert "_auth_user_id" not in client.session
    theirs.refresh_from_db()
    assert theirs.project is None
    assert [message.content for message in theirs.messages.all()] == [
        "(This was deleted together with the account of its writer.)",
        "Hello",
    ]
    assert client.post("/accounts/login/", {"login": alice.email, **FORM}).status_code == 200


def test_what_others_have_stays(alice: User, bob: User, model: AIModel) -> None:
    asked(bob, model, "Mine")
    browser(alice).post(PAGE, FORM)
    assert Message.objects.filter(author=bob, content="Mine").exists()
    assert Generation.objects.get().status == "queued"


@pytest.mark.parametrize("wrong", ["", "wrong", "\0"])
def test_it_takes_the_password(plain_page: Client, alice: User, wrong: str) -> None:
    assert plain_page.post(PAGE, {"password": wrong}).status_code == 422
    assert User.objects.filter(pk=alice.pk).exists()


def test_the_password_can_not_be_guessed_there(plain_page: Client, alice: User) -> None:
    for _ in range(10):
        plain_page.post(PAGE, {"password": "wrong"})
    page = plain_page.post(PAGE, FORM)
    assert "Too many attempts." in page.content.decode()
    assert User.objects.filter(pk=alice.pk).exists()


def test_without_a_password_one_writes_the_address(alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client = browser(alice)
    assert "Your email address" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"email": "bob@example.org", **FORM}).status_code == 422

    client.post(PAGE, {"email": "Alice@example.org "})

    assert not User.objects.exists()


def test_the_last_administrator_stays(charlie: User, alice: User) -> None:
    page = browser(charlie).post(PAGE, FORM)
    assert page.status_code == 409
    assert "You are the only administrator." in page.content.decode()
    assert User.objects.filter(pk=charlie.pk).exists()

    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    browser(charlie).post(PAGE, FORM)
    assert list(User.objects.all()) == [alice]


def test_other_devices_are_signed_out(alice: User) -> None:
    phone, here = browser(alice), browser(alice)
    here.post(PAGE, FORM)
    assert phone.get("/session/").status_code == 302
    assert not UserSession.objects.exists()
    assert not any(alice.pk in (row.get_decoded().values()) for row in Session.objects.all())


@pytest.mark.django_db(transaction=True)
async def test_its_sockets_close(alice: User) -> None:
    phone, here = await sync_to_async(browser)(alice), await sync_to_async(browser)(alice)
    async with opened(socket_of(phone)) as socket:
        await socket.hello()
        await socket.frame()

        await sync_to_async(here.post)(PAGE, FORM)

        assert await socket.closes_with() == REVOKED
