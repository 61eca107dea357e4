from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, SystemPrompt
from conversations.people import MOST_MISSES
from conversations.prompts import actions, library
from inference.models import AIModel
from tests.conversations.builders import HTMX, asked, run_of

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
FORM = {"name": "Poet", "prompt": "Rhyme.", "tags": "Art, fun ,art", "visibility": "private"}


def names(response: Any) -> list[str]:
    return [prompt.name for prompt in response.context["prompts"]]


def test_the_first_look_says_how_prompts_are_used(plain_page: Client) -> None:
    html = plain_page.get("/prompts/").content.decode()

    assert "type / at the beginning of a message" in html
    assert "appear here" in plain_page.get("/prompts/?tab=shared").content.decode()
    assert "appear here" in plain_page.get("/prompts/?tab=public").content.decode()


def test_one_is_written(plain_page: Client, alice: User) -> None:
    response = plain_page.post("/prompts/new/", FORM)

    prompt = SystemPrompt.objects.get()
    assert response["Location"] == f"/prompts/{prompt.pk}/"
    assert (prompt.user, prompt.prompt, prompt.tags) == (alice, "Rhyme.", ["art", "fun"])
    assert [version.text for version in prompt.versions.all()] == ["Rhyme."]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"name": " "}, "A prompt needs a name."),
        ({"prompt": " \n"}, "A prompt needs a text."),
        ({"prompt": "x" * 20_001}, "at most 20000 characters"),
        ({"prompt": "".join(f"{{{{v{n}}}}}" for n in range(31))}, "At most 30 variables."),
        ({"tags": ",".join(map(str, range(11)))}, "At most 10 tags."),
        ({"tags": "x" * 31}, "at most 30 characters"),
        ({"tags": 'a"b'}, "without commas and quotation marks"),
        ({"visibility": "world"}, "Select a valid choice"),
        (
            {"visibility": "shared", "people": "nobody@example.org"},
            "Nobody here has the address nobody@example.org.",
        ),
        ({"visibility": "shared", "people": "a " * 2 + " ".join(map(str, range(101)))}, "At most"),
    ],
)
def test_a_bad_form_is_shown_again_with_what_was_typed(
    bad: dict[str, str], said: str, page: Client
) -> None:
    response = page.post("/prompts/new/", FORM | bad)

    html = response.content.decode()
    assert response.status_code == 422
    assert html.startswith("<form")
    assert said in html
    assert "Rhyme." in html or "prompt" in bad
    assert not SystemPrompt.objects.exists()


def test_addresses_cannot_be_tried_one_after_the_other(page: Client, bob: User) -> None:
    for number in range(MOST_MISSES):
        page.post("/prompts/new/", FORM | {"visibility": "shared", "people": f"n{number}@a.org"})

    response = page.post("/prompts/new/", FORM | {"visibility": "shared", "people": bob.email})

    assert "too many unknown addresses" in response.content.decode()
    assert not SystemPrompt.objects.exists()


def test_it_is_shared_by_addresses(
    browser: Browser, prompt: SystemPrompt, alice: User, bob: User
) -> None:
    form = {"name": "Translator", "prompt": prompt.prompt, "visibility": "shared"}
    people = f" {bob.email.upper()} , {alice.email}"
    browser(alice).post(f"/prompts/{prompt.pk}/edit/", form | {"people": people})

    assert list(prompt.shared_with.all()) == [bob]
    assert names(browser(bob).get("/prompts/?tab=shared")) == ["Translator"]
    assert names(browser(bob).get("/prompts/")) == []
    assert "bob@example.org" in browser(alice).get(f"/prompts/{prompt.pk}/edit/").content.decode()

    browser(alice).post(f"/prompts/{prompt.pk}/edit/", form | {"visibility": "private"})

    assert names(browser(bob).get("/prompts/?tab=shared")) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=trans", ["Translator"]),
        ("q=TEXT", ["Translator"]),
        ("q=language translator", ["Translator"]),
        ("q=für", ["Translator"]),
        ("q=translator rhyme", []),
        ("q=r", ["Poet", "Translator"]),
        ("q=%00", ["Poet", "Translator"]),
        ("q=%25", []),
        ("q=%22", []),
        ("tag=language", ["Translator"]),
        ("tag=für mich", ["Translator"]),
        ("tag=lang", []),
        ("tag=art&q=r", ["Poet"]),
        ("tab=nonsense&after=nonsense", ["Poet", "Translator"]),
    ],
)
def test_searching(query: str, found: list[str], page: Client, prompt: SystemPrompt) -> None:
    actions.create(prompt.user, {"name": "Poet", "prompt": "Rhyme.", "tags": ["art"]})

    assert names(page.get(f"/prompts/?{query}")) == found


def test_a_long_list_comes_page_by_page(page: Client, alice: User) -> None:
    for number in range(library.PAGE + 2):
        alice.prompts.create(name=f"{'aA'[number % 2]}{number // 2:03}", prompt="x")

    first = page.get("/prompts/")
    second = page.get(f"/prompts/?{first.context['query']}")

    assert len(names(first)) == library.PAGE
    assert len(names(second)) == 2
    assert sorted(names(first) + names(second), key=str.lower) == [*names(first), *names(second)]


def test_it_is_copied(browser: Browser, prompt: SystemPrompt, bob: User) -> None:
    actions.change(prompt, {"visibility": "public"})

    browser(bob).post(f"/prompts/{prompt.pk}/copy/")

    mine = SystemPrompt.objects.get(user=bob)
    assert (mine.name, mine.prompt, mine.tags) == (prompt.name, prompt.prompt, prompt.tags)
    assert mine.visibility == "private"
    assert mine.version == 1


def test_it_is_deleted(plain_page: Client, prompt: SystemPrompt) -> None:
    delete = f"/prompts/{prompt.pk}/delete/"
    assert "gone for good" in plain_page.get(delete).content.decode()

    assert plain_page.post(delete)["Location"] == "/prompts/"

    assert not SystemPrompt.objects.exists()


def test_another_text_is_another_version(plain_page: Client, prompt: SystemPrompt) -> None:
    edit = f"/prompts/{prompt.pk}/edit/"
    for form in ({"name": "Poet"}, {"prompt": "Rhyme.\nIn verse."}, {"prompt": "Rhyme.\nAlways."}):
        plain_page.post(edit, FORM | {"prompt": prompt.prompt} | form)
    prompt.refresh_from_db()

    assert (prompt.name, prompt.version) == ("Poet", 3)
    listed = plain_page.get(f"/prompts/{prompt.pk}/versions/").content.decode()
    assert listed.index("Version 3") < listed.index("Version 2") < listed.index("Version 1")
    html = plain_page.get(f"/prompts/{prompt.pk}/versions/3/").content.decode()
    assert "What changed since version 2" in html
    assert '<del><span class="visually-hidden">Removed: </span>In verse.</del>' in html
    assert '<ins><span class="visually-hidden">Added: </span>Always.</ins>' in html
    first = plain_page.get(f"/prompts/{prompt.pk}/versions/1/").content.decode()
    assert "What changed" not in first


def test_an_old_version_is_restored_as_a_new_one(plain_page: Client, prompt: SystemPrompt) -> None:
    before = prompt.prompt
    actions.change(prompt, {"prompt": "Something else"})

    plain_page.post(f"/prompts/{prompt.pk}/versions/1/restore/")

    prompt.refresh_from_db()
    assert (prompt.prompt, prompt.version) == (before, 3)
    assert prompt.versions.count() == 3


@pytest.mark.parametrize("number", ["9", "99999999999999999999999999"])
def test_a_version_that_never_was(number: str, plain_page: Client, prompt: SystemPrompt) -> None:
    assert plain_page.get(f"/prompts/{prompt.pk}/versions/{number}/").status_code == 404
    assert plain_page.post(f"/prompts/{prompt.pk}/versions/{number}/restore/").status_code == 404


def test_what_is_written_is_text_not_html(plain_page: Client, alice: User) -> None:
    prompt = actions.create(alice, {"name": "<b>x</b>", "prompt": "<script>{{a|<i>}}</script>"})

    for page in ("", "use/", "versions/1/"):
        html = plain_page.get(f"/prompts/{prompt.pk}/{page}").content.decode()
        assert "<b>x" not in html
        assert "&lt;script&gt;" in html
        assert "<i>" not in html


# --- in conversations


def test_the_composer_is_offered_what_begins_like_that_first(page: Client, alice: User) -> None:
    for name, text in (("A poet", "x"), ("Poet", "{{a}}"), ("Critic", "no poet"), ("Cook", "x")):
        actions.create(alice, {"name": name, "prompt": text})

    html = page.get("/prompts/offered/?q=poet").content.decode()

    assert html.index(">Poet<") < html.index(">A poet<") < html.index(">Critic<")
    assert "Cook" not in html
    assert "3 prompts" in html
    assert html.count("data-asks") == 1


def test_it_is_offered_twenty_at_most(page: Client, alice: User) -> None:
    for number in range(25):
        actions.create(alice, {"name": f"Prompt {number}", "prompt": "x"})

    assert page.get("/prompts/offered/").content.decode().count('role="option"') == 20
    assert page.get("/prompts/offered/?q=%00").content.decode().count('role="option"') == 20


def test_its_text_comes_with_the_values(page: Client, prompt: SystemPrompt) -> None:
    sent = {"value-text": "Grüß\r\ndich {{language}}"}
    response = page.post(f"/prompts/{prompt.pk}/text/", sent)

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == "Translate into English: Grüß\ndich {{language}}"


def test_a_value_can_be_too_long(page: Client, prompt: SystemPrompt) -> None:
    for rest in ("text/", "instruct/"):
        sent = {"value-text": "x" * 10_001}
        response = page.post(f"/prompts/{prompt.pk}/{rest}", sent)
        assert response.status_code == 422
        assert "at most 10000 characters" in response.content.decode()
    assert not Conversation.objects.exists()


def test_a_chat_starts_with_it(plain_page: Client, prompt: SystemPrompt, model: AIModel) -> None:
    ask = plain_page.get(f"/prompts/{prompt.pk}/use/").content.decode()
    assert 'name="value-language"' in ask
    assert "English" in ask

    sent = {"value-language": "French", "value-text": "what I say"}
    response = plain_page.post(f"/prompts/{prompt.pk}/instruct/", sent)

    chat = Conversation.objects.get()
    assert response["Location"] == chat.get_absolute_url()
    assert (chat.title, chat.user) == ("Translator", prompt.user)
    answer = asked(prompt.user, model, "Hello", chat)
    told = {"role": "system", "content": "Translate into French: what I say"}
    assert run_of(answer).messages[0] == told


def test_it_becomes_the_instructions_of_a_chat(
    page: Client, prompt: SystemPrompt, conversation: Conversation
) -> None:
    where = {"from": "composer", "conversation": str(conversation.pk)}
    ask = page.get(f"/prompts/{prompt.pk}/use/", where).content.decode()
    assert "Use as instructions" in ask

    response = page.post(
        f"/prompts/{prompt.pk}/instruct/", {**where, "value-text": "x"}, headers=HTMX
    )

    assert response["HX-Trigger"] == "parley:done"
    conversation.refresh_from_db()
    assert conversation.instructions == "Translate into English: x"
