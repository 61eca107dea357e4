"""Who may do what in a project: its owner, a writer, a reader, a stranger, and nobody."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Project, ProjectMember

Browser = Callable[[User | None], Client]

READ = ["", "conversations/", "members/"]
WRITE = ["edit/"]
OWN = ["delete/"]
POSTS_OF_OWNERS = ["archive/", "unarchive/", "delete/", "members/"]


def address(project: Project, rest: str = "") -> str:
    return f"/projects/{project.pk}/{rest}"


@pytest.mark.parametrize("rest", READ)
def test_members_may_see_it(
    rest: str, browser: Browser, project: Project, alice: User, dora: User, erin: User
) -> None:
    for person in (alice, dora, erin):
        assert browser(person).get(address(project, rest)).status_code == 200


@pytest.mark.parametrize("rest", WRITE)
def test_writers_may_change_it(
    rest: str, browser: Browser, project: Project, alice: User, dora: User, erin: User
) -> None:
    for person in (alice, dora):
        assert browser(person).get(address(project, rest)).status_code == 200
    assert browser(erin).get(address(project, rest)).status_code == 404
    assert browser(erin).post(address(project, rest), {"name": "Mine"}).status_code == 404
    project.refresh_from_db()
    assert project.name == "Foxes"


@pytest.mark.parametrize("rest", POSTS_OF_OWNERS)
def test_what_becomes_of_it_is_its_owners(
    rest: str, browser: Browser, project: Project, dora: User, erin: User
) -> None:
    for person in (dora, erin):
        sent = {"email": "bob@example.org", "access": "write"}
        assert browser(person).post(address(project, rest), sent).status_code == 404
    project.refresh_from_db()
    assert project.archived_at is None
    assert project.members.count() == 2


def test_members_may_not_change_each_other(
    browser: Browser, project: Project, dora: User, erin: User
) -> None:
    member = address(project, f"members/{erin.pk}/")

    assert browser(dora).post(member, {"access": "write"}).status_code == 404
    assert browser(erin).post(member, {"access": "write"}).status_code == 404
    assert browser(dora).post(f"{member}remove/").status_code == 404
    assert project.members.get(user=erin).access == ProjectMember.Access.READ


@pytest.mark.parametrize("rest", READ + WRITE + OWN)
def test_for_strangers_and_staff_there_is_none(
    rest: str, browser: Browser, project: Project, bob: User, charlie: User
) -> None:
    for person in (bob, charlie):
        assert browser(person).get(address(project, rest)).status_code == 404


@pytest.mark.parametrize("rest", ["edit/", *POSTS_OF_OWNERS])
def test_strangers_change_nothing(
    rest: str, browser: Browser, project: Project, bob: User, erin: User
) -> None:
    sent = {"name": "Mine", "email": "bob@example.org", "access": "write"}
    stranger = browser(bob)

    assert stranger.post(address(project, rest), sent).status_code == 404
    assert stranger.post(address(project, f"members/{erin.pk}/remove/")).status_code == 404
    assert stranger.post(address(project, f"members/{bob.pk}/remove/")).status_code == 404
    project.refresh_from_db()
    assert (project.name, project.members.count()) == ("Foxes", 2)


@pytest.mark.parametrize("rest", READ + WRITE + OWN)
def test_nobody_gets_in_unsigned(rest: str, browser: Browser, project: Project) -> None:
    response = browser(None).get(address(project, rest))

    assert response["Location"].startswith("/accounts/login/")


def test_its_chats_open_for_members_alone(
    browser: Browser, chat: Conversation, dora: User, erin: User, bob: User
) -> None:
    page = chat.get_absolute_url()

    assert browser(erin).get(page).status_code == 200
    assert browser(dora).get(page).status_code == 200
    assert browser(bob).get(page).status_code == 404


def test_readers_write_in_none_of_them(
    browser: Browser, chat: Conversation, dora: User, erin: User
) -> None:
    sent = {"text": "And a dog?", "model": "demo"}

    assert browser(erin).post(chat.get_absolute_url(), sent).status_code == 404
    assert chat.messages.count() == 2
    assert browser(dora).post(chat.get_absolute_url(), sent).status_code == 302
    assert chat.messages.count() == 4


@pytest.mark.parametrize("who", ["erin", "bob"])
def test_only_writers_begin_chats_there(
    who: str, browser: Browser, project: Project, bob: User
) -> None:
    person = User.objects.get(email=f"{who}@example.org")
    client = browser(person)

    assert client.get("/", {"project": project.pk}).status_code == 404
    sent = {"text": "What is a fox?", "model": "demo", "project": project.pk}
    response = client.post("/", sent)
    assert response.status_code == 404
    assert "What is a fox?" in response.content.decode()
    assert not Conversation.objects.exists()


def test_a_list_has_ones_own_and_those_of_which_one_is_a_member(
    browser: Browser, project: Project, alice: User, erin: User, bob: User
) -> None:
    assert "Foxes" in browser(alice).get("/projects/").content.decode()
    assert "Foxes" in browser(erin).get("/projects/").content.decode()
    assert "Foxes" not in browser(bob).get("/projects/").content.decode()


def test_a_private_prompt_shows_only_what_the_project_says(
    browser: Browser, project: Project, alice: User, dora: User
) -> None:
    """Not where it is kept, nor what else its owner has."""
    told = alice.prompts.create(name="Scholar", prompt="Cite sources.")
    alice.prompts.create(name="Diary", prompt="Dear diary")
    Project.objects.filter(pk=project.pk).update(prompt=told)

    page = browser(dora).get(address(project)).content.decode()
    form = browser(dora).get(address(project, "edit/")).content.decode()

    assert "Cite sources." in page
    assert "Scholar" in form
    assert "Diary" not in page + form
    assert browser(dora).get(f"/prompts/{told.pk}/").status_code == 404


def test_a_writer_chooses_no_prompt_that_the_owner_may_not_use(
    browser: Browser, project: Project, dora: User
) -> None:
    mine = dora.prompts.create(name="Mine", prompt="Follow dora.")

    form = {"name": "Foxes", "icon": "folder", "prompt": str(mine.pk)}
    response = browser(dora).post(address(project, "edit/"), form)

    assert response.status_code == 422
    project.refresh_from_db()
    assert project.prompt is None
