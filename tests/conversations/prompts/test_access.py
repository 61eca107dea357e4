"""Who may do what with a prompt: its owner, those it is shared with, everybody else, nobody."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, SystemPrompt
from conversations.prompts import actions
from inference.models import AIModel

Browser = Callable[[User | None], Client]
READ = ["", "use/"]
OWN = ["edit/", "delete/", "versions/", "versions/1/"]
POSTS_OF_READERS = ["copy/", "text/", "instruct/"]
POSTS_OF_OWNERS = ["edit/", "delete/", "versions/1/restore/"]


def address(prompt: SystemPrompt, rest: str = "") -> str:
    return f"/prompts/{prompt.pk}/{rest}"


@pytest.fixture
def dora(prompt: SystemPrompt) -> User:
    """Alice lets her use the prompt, by name."""
    dora = User.objects.create_user("dora@example.org", "a long password")
    actions.change(prompt, {"visibility": "shared"}, [dora])
    return dora


@pytest.mark.parametrize("rest", READ + OWN)
def test_its_owner_may_see_all_of_it(
    rest: str, browser: Browser, prompt: SystemPrompt, alice: User
) -> None:
    assert browser(alice).get(address(prompt, rest)).status_code == 200


@pytest.mark.parametrize("rest", READ)
def test_those_it_is_shared_with_may_read_and_use_it(
    rest: str, browser: Browser, prompt: SystemPrompt, dora: User, bob: User
) -> None:
    assert browser(dora).get(address(prompt, rest)).status_code == 200
    assert browser(bob).get(address(prompt, rest)).status_code == 404


@pytest.mark.parametrize("visibility", ["private", "shared"])
def test_others_see_nothing_of_it(
    visibility: str, browser: Browser, prompt: SystemPrompt, bob: User, charlie: User
) -> None:
    actions.change(prompt, {"visibility": visibility})

    for person in (bob, charlie):
        client = browser(person)
        for rest in READ + OWN:
            assert client.get(address(prompt, rest)).status_code == 404, rest
        for rest in POSTS_OF_READERS + POSTS_OF_OWNERS:
            assert client.post(address(prompt, rest)).status_code == 404, rest
        for page in ("?tab=own", "?tab=shared", "?tab=public", "?q=translate", "offered/"):
            assert "Translator" not in client.get(f"/prompts/{page}").content.decode()
    assert SystemPrompt.objects.count() == 1


@pytest.mark.parametrize("visibility", ["shared", "public"])
def test_who_may_use_it_may_not_change_it(
    visibility: str, browser: Browser, prompt: SystemPrompt, dora: User
) -> None:
    actions.change(prompt, {"visibility": visibility})

    for rest in OWN:
        assert browser(dora).get(address(prompt, rest)).status_code == 404, rest
    for rest in POSTS_OF_OWNERS:
        sent = {"name": "Mine", "prompt": "Mine", "visibility": "private"}
        assert browser(dora).post(address(prompt, rest), sent).status_code == 404, rest
    prompt.refresh_from_db()
    assert prompt.name == "Translator"


def test_whom_it_is_shared_with_is_its_owners_knowledge(
    browser: Browser, prompt: SystemPrompt, alice: User, dora: User
) -> None:
    erin = User.objects.create_user("erin@example.org", "a long password")
    prompt.shared_with.add(erin)

    assert "erin@example.org" in browser(alice).get(address(prompt)).content.decode()
    assert "erin@example.org" not in browser(dora).get(address(prompt)).content.decode()


def test_a_public_prompt_does_not_tell_its_writers_address(
    browser: Browser, prompt: SystemPrompt, bob: User
) -> None:
    actions.change(prompt, {"visibility": "public"})

    for page in (address(prompt), "/prompts/?tab=public", address(prompt, "use/")):
        html = browser(bob).get(page).content.decode()
        assert "Translator" in html
        assert "alice" not in html


@pytest.mark.parametrize("rest", READ + OWN)
def test_nobody_gets_in_unsigned(rest: str, browser: Browser, prompt: SystemPrompt) -> None:
    actions.change(prompt, {"visibility": "public"})

    response = browser(None).get(address(prompt, rest))

    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("whose", ["bob", "nobody"])
def test_instructions_are_only_for_ones_own_chats(
    whose: str, browser: Browser, prompt: SystemPrompt, alice: User, bob: User, model: AIModel
) -> None:
    chat = Conversation.objects.create(user=bob, title="Bob’s")
    id = str(chat.pk) if whose == "bob" else "x"

    response = browser(alice).post(address(prompt, "instruct/"), {"conversation": id})

    assert response.status_code == 404
    chat.refresh_from_db()
    assert chat.instructions == ""
