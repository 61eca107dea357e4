from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.http import Http404
from django.test import Client

from accounts.models import User
from conversations import organising, thread
from conversations.actions import send_message
from conversations.models import Conversation, Project
from conversations.projects import actions, listing
from conversations.prompts import actions as prompts
from inference.models import AIModel
from tests.conversations.builders import HTMX, asked, run_of

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
FORM = {"name": "Travel", "icon": "plane", "instructions": "Be brief.", "description": "Trips"}


def test_the_first_look_says_what_projects_are_for(plain_page: Client) -> None:
    assert "Keep chats together" in plain_page.get("/projects/").content.decode()


def test_it_is_made(plain_page: Client, model: AIModel) -> None:
    sent = FORM | {"model": "demo", "parameters-temperature": "0.2"}
    response = plain_page.post("/projects/new/", sent)

    project = Project.objects.get()
    assert response["Location"] == f"/projects/{project.pk}/"
    assert (project.name, project.icon, project.model) == ("Travel", "plane", model)
    assert project.parameters == {"temperature": 0.2}
    page = plain_page.get(response["Location"]).content.decode()
    assert "Be brief." in page
    assert "No chats yet." in page


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"name": ""}, "A project needs a name."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"icon": "skull"}, "Select a valid choice"),
        ({"model": "none"}, "Select a valid choice"),
        ({"prompt": str(uuid4())}, "Select a valid choice"),
        ({"prompt": "x"}, "not a valid"),
        ({"instructions": "x" * 20_001}, "at most 20000 characters"),
        ({"parameters-temperature": "hot"}, "must be a number"),
    ],
)
def test_a_bad_form_is_shown_again_with_what_was_typed(
    bad: dict[str, str], said: str, page: Client
) -> None:
    response = page.post("/projects/new/", FORM | bad)

    html = response.content.decode()
    assert response.status_code == 422
    assert html.startswith("<form")  # in the place of the form, without the page
    assert said in html
    assert "Be brief." in html or "instructions" in bad
    assert not Project.objects.exists()


def test_it_is_changed(browser: Browser, project: Project, dora: User) -> None:
    edit = f"/projects/{project.pk}/edit/"
    assert "Speak of foxes." in browser(dora).get(edit).content.decode()

    response = browser(dora).post(edit, FORM, headers=HTMX)

    assert response["HX-Redirect"] == f"/projects/{project.pk}/"
    project.refresh_from_db()
    assert (project.name, project.instructions) == ("Travel", "Be brief.")


def test_a_chat_begins_in_it(
    browser: Browser, project: Project, alice: User, model: AIModel
) -> None:
    AIModel.objects.create(
        name="other", display_name="Other", provider=model.provider, path="o.gguf"
    )
    actions.change(project, {"model": AIModel.objects.get(name="other")})

    page = browser(alice).get("/", {"project": project.pk}).content.decode()
    assert "New chat in Foxes" in page
    assert f'name="project" value="{project.pk}"' in page
    assert '<option value="other" selected>' in page
    sent = {"text": "What is a fox?", "model": "other", "project": project.pk}
    browser(alice).post("/", sent)

    conversation = Conversation.objects.get()
    assert conversation.project == project
    answer = conversation.messages.get(role="assistant")
    assert run_of(answer).messages[0] == {"role": "system", "content": "Speak of foxes."}


def test_a_new_chat_without_one_is_in_none(plain_page: Client, model: AIModel) -> None:
    plain_page.post("/", {"text": "What is a fox?", "model": "demo"})

    assert Conversation.objects.get().project is None


@pytest.mark.parametrize("project", ["x", str(UUID(int=0)), "%00"])
def test_a_chat_in_a_project_that_is_not_there_is_kept_for_another(
    project: str, page: Client, model: AIModel
) -> None:
    response = page.post("/", {"text": "What?", "model": "demo", "project": project})

    assert response.status_code == 404
    assert "What you typed is kept." in response.content.decode()
    assert not Conversation.objects.exists()


def test_changed_instructions_hold_for_the_next_answer(
    chat: Conversation, project: Project, alice: User, model: AIModel
) -> None:
    actions.change(project, {"instructions": "Speak of dogs."})

    answer = asked(alice, model, "And now?", chat)

    assert run_of(answer).messages[0]["content"] == "Speak of dogs."


def test_its_prompt_comes_first_with_the_values_that_its_variables_have(
    chat: Conversation, project: Project, alice: User, model: AIModel
) -> None:
    prompt = prompts.create(alice, {"name": "P", "prompt": "Use {{language|English}}. {{more}}"})
    actions.change(project, {"prompt": prompt})

    answer = asked(alice, model, "And now?", chat)

    told = "Use English. {{more}}\n\nSpeak of foxes."
    assert run_of(answer).messages[0]["content"] == told


def test_it_is_archived_and_brought_back(
    browser: Browser, chat: Conversation, project: Project, alice: User
) -> None:
    owner = browser(alice)

    owner.post(f"/projects/{project.pk}/archive/")

    assert "Foxes" not in owner.get("/projects/").context["listed"].values_list("name", flat=True)
    assert "Foxes" in owner.get("/projects/?archived").content.decode()
    page = owner.get(f"/projects/{project.pk}/").content.decode()
    assert "This project is archived." in page
    assert "What is a fox?" in page
    assert owner.get("/", {"project": project.pk}).status_code == 404
    sent = {"text": "And a dog?", "model": "demo"}
    assert owner.post(chat.get_absolute_url(), sent).status_code == 302

    owner.post(f"/projects/{project.pk}/unarchive/")

    assert owner.get("/", {"project": project.pk}).status_code == 200


def test_deleting_it_leaves_chats_with_those_who_began_them(
    browser: Browser, chat: Conversation, project: Project, alice: User, erin: User
) -> None:
    owner = browser(alice)
    delete = f"/projects/{project.pk}/delete/"
    assert "stay with those who began them" in owner.get(delete).content.decode()

    assert owner.post(delete)["Location"] == "/projects/"

    assert not Project.objects.exists()
    assert owner.get(chat.get_absolute_url()).status_code == 200
    assert browser(erin).get(chat.get_absolute_url()).status_code == 404


def test_its_page_lists_what_every_member_may_see(
    browser: Browser, chat: Conversation, project: Project, alice: User, erin: User
) -> None:
    """Neither archived nor temporary nor deleted chats, whoever asks."""
    for title, hidden in (
        ("Put away", {"archived_at": chat.created_at}),
        ("Between us", {"is_temporary": True}),
        ("Gone", {"deleted_at": chat.created_at}),
    ):
        Conversation.objects.create(user=alice, project=project, title=title, **hidden)

    part = browser(erin).get(f"/projects/{project.pk}/conversations/", headers=HTMX)

    html = part.content.decode()
    assert "What is a fox?" in html
    assert "alice@example.org" in html
    assert not [title for title in ("Put away", "Between us", "Gone") if title in html]


def test_a_long_list_comes_part_by_part(browser: Browser, project: Project, alice: User) -> None:
    for number in range(listing.PAGE + 1):
        Conversation.objects.create(user=alice, project=project, title=f"Chat {number}.")
    where = f"/projects/{project.pk}/conversations/"

    first = browser(alice).get(where, headers=HTMX).content.decode()
    [link] = {word for word in first.split('"') if "?before=" in word}
    second = browser(alice).get(link, headers=HTMX).content.decode()

    assert "Chat 0." not in first
    assert "Chat 0." in second
    assert "Chat 1." not in second
    assert browser(alice).get(f"{where}?before=nonsense", headers=HTMX).status_code == 200


def test_a_prompt_that_its_writer_takes_back_is_not_told_any_more(
    project: Project, bob: User, alice: User
) -> None:
    prompt = prompts.create(bob, {"name": "P", "prompt": "Public.", "visibility": "public"})
    actions.change(project, {"prompt": prompt})

    prompts.change(prompt, {"visibility": "private", "prompt": "For bob alone."})

    project = Project.objects.get(pk=project.pk)
    assert thread.instructions_of(Conversation(project=project)) == "Speak of foxes."


def test_nothing_begins_in_one_that_was_deleted_meanwhile(
    project: Project, chat: Conversation, alice: User, dora: User, model: AIModel
) -> None:
    actions.delete(Project.objects.get())

    for begin in (
        lambda: send_message(alice, None, "Foxes?", model, beginning={"project": project}),
        lambda: organising.create(alice, title="Foxes", project=project),
        lambda: organising.move(chat, project),
        lambda: actions.add_member(project, "dora@example.org", "read"),
        lambda: actions.delete(project),
    ):
        with pytest.raises(Http404):
            begin()
    assert Conversation.objects.get() == chat


def test_an_icon_that_is_not_known_here_is_a_folder(
    plain_page: Client, alice: User, model: AIModel
) -> None:
    project = Project.objects.create(user=alice, name="Foxes", icon="skull-of-a-fox")
    chat = asked(alice, model, "What is a fox?").conversation
    Conversation.objects.update(project=project)

    for address in ("/projects/", f"/projects/{project.pk}/", f"/c/{chat.pk}/"):
        assert plain_page.get(address).status_code == 200
    edited = f"/projects/{project.pk}/edit/"
    assert plain_page.get(edited).status_code == 200
    assert plain_page.post(edited, {"name": "Foxes"}).status_code == 302
    project.refresh_from_db()
    assert project.icon == "folder"
