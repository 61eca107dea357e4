"""Projects, members and prompts in the admin: whose they are; words only of public prompts."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Project, ProjectMember, SystemPrompt
from conversations.projects import actions as projects
from conversations.prompts import actions as prompts

WORDS = "xylophone"
LISTS = [f"/admin/conversations/{name}/" for name in ("project", "projectmember", "systemprompt")]


@pytest.fixture
def project(alice: User, bob: User) -> Project:
    fields = dict.fromkeys(("name", "description", "instructions"), f"About a {WORDS}")
    project = projects.create(alice, fields)
    ProjectMember.objects.create(project=project, user=bob, access="read")
    return project


@pytest.fixture
def prompt(alice: User) -> SystemPrompt:
    fields = dict.fromkeys(("name", "description", "prompt"), f"About a {WORDS}")
    return prompts.create(alice, fields | {"tags": [WORDS]})


def change(row: Project | SystemPrompt) -> str:
    return f"/admin/conversations/{row._meta.model_name}/{row.pk}/change/"


def test_lists_tell_whose_they_are_and_no_words(
    admin: Client, project: Project, prompt: SystemPrompt
) -> None:
    for page in LISTS:
        html = admin.get(page).content.decode()
        assert "alice@example.org" in html, page
        assert WORDS not in html, page
        assert admin.get(page, {"q": "alice"}).context["cl"].result_count == 1
        assert admin.get(page, {"q": WORDS}).context["cl"].result_count == 0
    assert "bob@example.org" in admin.get(LISTS[1]).content.decode()


def test_what_is_private_has_no_page(admin: Client, project: Project, prompt: SystemPrompt) -> None:
    for page in (change(project), change(prompt)):
        for address in (page, page.replace("change", "history"), page.replace("change", "delete")):
            assert admin.get(address).status_code in (403, 404), address


@pytest.mark.parametrize(
    ("page", "lookup"),
    [
        ("project", "name__contains"),
        ("project", "instructions__contains"),
        ("project", "conversations__title__contains"),
        ("projectmember", "project__name__contains"),
        ("systemprompt", "name__contains"),
        ("systemprompt", "prompt__contains"),
        ("systemprompt", "versions__text__contains"),
    ],
)
def test_no_filter_in_the_address_tells_words(
    admin: Client, project: Project, prompt: SystemPrompt, page: str, lookup: str
) -> None:
    assert admin.get(f"/admin/conversations/{page}/", {lookup: WORDS}).status_code == 400


def test_a_public_prompt_can_be_read_and_made_private(admin: Client, prompt: SystemPrompt) -> None:
    prompts.change(prompt, {"visibility": "public"})
    assert f"About a {WORDS}" in admin.get(LISTS[2]).content.decode()
    assert f"About a {WORDS}" in admin.get(change(prompt)).content.decode()

    chosen = {"action": "make_private", "_selected_action": [str(prompt.pk)]}
    assert "1 prompt is private now." in admin.post(LISTS[2], chosen, follow=True).content.decode()

    prompt.refresh_from_db()
    assert prompt.visibility == "private"
    assert admin.get(change(prompt)).status_code == 404


def test_who_may_only_look_makes_nothing_private(
    staff: Callable[..., Client], prompt: SystemPrompt
) -> None:
    prompts.change(prompt, {"visibility": "public"})
    client = staff("conversations.view_systemprompt")

    client.post(LISTS[2], {"action": "make_private", "_selected_action": [str(prompt.pk)]})

    assert client.get(change(prompt)).status_code == 200
    prompt.refresh_from_db()
    assert prompt.visibility == "public"
