from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Project
from conversations.people import MOST_MISSES
from inference.models import AIModel
from tests.conversations.builders import answered, asked

Browser = Callable[[User | None], Client]


def members(project: Project) -> str:
    return f"/projects/{project.pk}/members/"


def test_its_owner_adds_somebody_by_their_address(
    browser: Browser, project: Project, alice: User, bob: User
) -> None:
    sent = {"email": " Bob@Example.org", "access": "read"}
    response = browser(alice).post(members(project), sent)

    assert response["Location"] == members(project)
    assert project.members.get(user=bob).access == "read"
    assert "bob@example.org" in browser(bob).get(members(project)).content.decode()


def test_adding_somebody_again_changes_what_they_may_do(
    browser: Browser, project: Project, alice: User, erin: User
) -> None:
    browser(alice).post(members(project), {"email": erin.email, "access": "write"})

    assert project.members.get(user=erin).access == "write"
    assert project.members.count() == 2


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("nobody@example.org", "Nobody here has the address nobody@example.org."),
        ("gone@example.org", "Nobody here has the address gone@example.org."),
        ("alice@example.org", "owns the project already"),
        ("not an address", "valid email address"),
        ("", "Write the address"),
    ],
)
def test_an_address_that_will_not_do_is_said_and_kept(
    email: str, said: str, browser: Browser, project: Project, alice: User
) -> None:
    User.objects.create_user("gone@example.org", "a long password", is_active=False)

    response = browser(alice).post(members(project), {"email": email, "access": "read"})

    assert response.status_code == 422
    assert said in response.content.decode()
    assert f'value="{email}"' in response.content.decode() or not email
    assert project.members.count() == 2


def test_addresses_cannot_be_tried_one_after_the_other(
    browser: Browser, project: Project, alice: User, bob: User
) -> None:
    client = browser(alice)
    for number in range(MOST_MISSES):
        client.post(members(project), {"email": f"n{number}@example.org", "access": "read"})

    for email in ("nobody@example.org", "bob@example.org"):
        response = client.post(members(project), {"email": email, "access": "read"})
        assert response.status_code == 429
        assert "too many unknown addresses" in response.content.decode()
    assert project.members.count() == 2


def test_its_owner_changes_what_a_member_may_do(
    browser: Browser, project: Project, alice: User, erin: User
) -> None:
    member = f"{members(project)}{erin.pk}/"

    browser(alice).post(member, {"access": "write"})
    assert browser(alice).post(member, {"access": "own"}).status_code == 422

    assert project.members.get(user=erin).access == "write"


def test_who_is_removed_loses_it_and_keeps_their_chats(
    browser: Browser, chat: Conversation, project: Project, model: AIModel, alice: User, dora: User
) -> None:
    hers = answered(asked(dora, model, "And a dog?"), "A friend.").conversation
    Conversation.objects.filter(pk=hers.pk).update(project=project)
    remove = f"{members(project)}{dora.pk}/remove/"

    assert "dora@example.org" in browser(alice).get(remove).content.decode()
    browser(alice).post(remove)

    assert browser(dora).get(f"/projects/{project.pk}/").status_code == 404
    assert browser(dora).get(chat.get_absolute_url()).status_code == 404
    assert browser(dora).get(hers.get_absolute_url()).status_code == 200
    assert browser(alice).get(hers.get_absolute_url()).status_code == 404
    hers.refresh_from_db()
    assert hers.project is None


def test_members_may_leave(browser: Browser, project: Project, erin: User) -> None:
    response = browser(erin).post(f"{members(project)}{erin.pk}/remove/")

    assert response["Location"] == "/projects/"
    assert not project.members.filter(user=erin).exists()


def test_its_owner_may_not(browser: Browser, project: Project, alice: User) -> None:
    leave = f"{members(project)}{alice.pk}/remove/"

    assert browser(alice).post(leave).status_code == 404


@pytest.mark.parametrize("user", ["0", "99999999999999999999999999"])
def test_who_is_no_member_is_not_found(
    user: str, browser: Browser, project: Project, alice: User
) -> None:
    member = f"{members(project)}{user}/"

    assert browser(alice).post(member, {"access": "write"}).status_code == 404
    assert browser(alice).post(f"{member}remove/").status_code == 404
