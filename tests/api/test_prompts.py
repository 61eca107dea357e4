from typing import Any

import pytest
from django.test import Client

from accounts.models import APIKey, User
from conversations.models import SystemPrompt
from conversations.people import MOST_MISSES
from conversations.prompts import actions
from tests.api.conftest import bearer

pytestmark = pytest.mark.django_db

JSON = "application/json"
AT = "/api/v1/prompts"
TEXT = "Translate into {{language|English}}: {{text}}"


def client_of(user: User) -> Client:
    return Client(headers={"authorization": bearer(user)})


@pytest.fixture
def prompt(alice: User) -> SystemPrompt:
    return actions.create(alice, {"name": "Translator", "prompt": TEXT, "tags": ["language"]})


def names(api: Client, **query: Any) -> list[str]:
    return [each["name"] for each in api.get(AT, query).json()["prompts"]]


def test_one_is_made(api: Client, alice: User, bob: User) -> None:
    body = {
        "name": "Translator",
        "prompt": TEXT,
        "description": "Into any language",
        "tags": ["Language", "language", "work"],
        "visibility": "shared",
        "shared_with": ["Bob@example.org"],
    }
    made = api.post(AT, body, content_type=JSON)

    told = made.json()
    assert made.status_code == 201
    assert told == api.get(f"{AT}/{told['id']}").json()
    assert (told["user_id"], told["prompt"]) == (alice.pk, TEXT)
    assert told["tags"] == ["language", "work"]
    assert told["shared_with"] == ["bob@example.org"]
    assert (told["is_public"], told["version"]) == (False, 1)
    assert told["variables"] == [
        {"name": "language", "default": "English"},
        {"name": "text", "default": ""},
    ]
    seen = client_of(bob).get(f"{AT}/{told['id']}").json()
    assert seen["shared_with"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"name": "x"},
        {"name": "x", "prompt": " "},
        {"name": "x", "prompt": "x" * 20_001},
        {"name": "x", "prompt": "".join(f"{{{{v{n}}}}}" for n in range(31))},
        {"name": "x", "prompt": "a\0b"},
        {"name": "x", "prompt": "x", "tags": "a"},
        {"name": "x", "prompt": "x", "tags": [1]},
        {"name": "x", "prompt": "x", "tags": ["x" * 31]},
        {"name": "x", "prompt": "x", "tags": ["a,b"]},
        {"name": "x", "prompt": "x", "tags": [str(n) for n in range(11)]},
        {"name": "x", "prompt": "x", "is_public": "yes"},
        {"name": "x", "prompt": "x", "is_public": True, "visibility": "private"},
        {"name": "x", "prompt": "x", "visibility": "world"},
        {"name": "x", "prompt": "x", "shared_with": ["nobody@example.org"]},
        {"name": "x", "prompt": "x", "user_id": 1},
    ],
)
def test_bad_fields_are_refused(body: Any, api: Client) -> None:
    response = api.post(AT, body, content_type=JSON)

    assert response.status_code == 400, response.content
    assert set(response.json()) == {"error", "code"}
    assert not SystemPrompt.objects.exists()


def test_it_is_changed_field_by_field(api: Client, prompt: SystemPrompt) -> None:
    at = f"{AT}/{prompt.pk}"

    told = api.patch(at, {"is_public": True}, content_type=JSON).json()
    assert (told["visibility"], told["name"], told["version"]) == ("public", "Translator", 1)

    told = api.patch(at, {"is_public": False}, content_type=JSON).json()
    assert told["visibility"] == "private"

    told = api.patch(at, {"prompt": "Rhyme."}, content_type=JSON).json()
    assert (told["prompt"], told["version"], told["variables"]) == ("Rhyme.", 2, [])

    for bad in ({"name": ""}, {"prompt": None}, {"tags": None}, {"version": 7}):
        assert api.patch(at, bad, content_type=JSON).status_code == 400


def test_versions_are_listed_and_restored(api: Client, prompt: SystemPrompt) -> None:
    at = f"{AT}/{prompt.pk}"
    api.patch(at, {"prompt": "Rhyme."}, content_type=JSON)

    first = api.get(f"{at}/versions", {"limit": 1}).json()
    second = api.get(f"{at}/versions", {"cursor": first["next_cursor"]}).json()
    assert [v["number"] for v in first["versions"] + second["versions"]] == [2, 1]
    assert second["versions"][0]["text"] == TEXT

    told = api.post(f"{at}/versions/1/restore").json()
    assert (told["prompt"], told["version"]) == (TEXT, 3)
    for number in ("9", "9" * 30, "x"):
        assert api.post(f"{at}/versions/{number}/restore").status_code == 404


@pytest.mark.parametrize(
    ("variables", "text", "missing"),
    [
        ({}, "Translate into English: {{text}}", ["text"]),
        ({"text": "Hallo"}, "Translate into English: Hallo", []),
        ({"language": "French", "text": "{{x}}"}, "Translate into French: {{x}}", []),
        ({"other": "x"}, "Translate into English: {{text}}", ["text"]),
    ],
)
def test_its_variables_are_filled_in(
    variables: dict[str, str], text: str, missing: list[str], api: Client, prompt: SystemPrompt
) -> None:
    body = {"variables": variables}
    response = api.post(f"{AT}/{prompt.pk}/render", body, content_type=JSON)

    assert response.json() == {"text": text, "missing": missing}


@pytest.mark.parametrize(
    "body",
    [
        {"variables": []},
        {"variables": {"a": 1}},
        {"variables": {"a": "x" * 10_001}},
        {"variables": {"x" * 51: "a"}},
        {"values": {}},
    ],
)
def test_bad_values_are_refused(body: Any, api: Client, prompt: SystemPrompt) -> None:
    response = api.post(f"{AT}/{prompt.pk}/render", body, content_type=JSON)

    assert response.status_code == 400


def test_they_are_found(api: Client, prompt: SystemPrompt, bob: User) -> None:
    actions.create(bob, {"name": "Bob’s own", "prompt": "x"})
    actions.create(bob, {"name": "For all", "prompt": "x", "visibility": "public"})
    actions.create(bob, {"name": "For her", "prompt": "x", "visibility": "shared"}, [prompt.user])

    assert names(api) == ["For her", "For all", "Translator"]
    assert names(api, tab="own") == ["Translator"]
    assert names(api, tab="shared") == ["For her"]
    assert names(api, tab="public") == ["For all"]
    assert names(api, q="translate english") == ["Translator"]
    assert names(api, tag="language") == ["Translator"]
    assert names(api, tag="lang") == []
    assert api.get(AT, {"tab": "all"}).status_code == 400
    assert api.get(AT, {"cursor": "x"}).status_code == 400
    assert api.get(AT, {"q": "\0"}).status_code == 200


def test_it_is_copied_and_deleted(api: Client, prompt: SystemPrompt, bob: User) -> None:
    actions.change(prompt, {"visibility": "public"})
    stranger = client_of(bob)

    copied = stranger.post(f"{AT}/{prompt.pk}/copy")
    assert copied.status_code == 201
    assert (copied.json()["user_id"], copied.json()["visibility"]) == (bob.pk, "private")

    assert api.delete(f"{AT}/{prompt.pk}").status_code == 204
    assert api.get(f"{AT}/{prompt.pk}").status_code == 404
    assert stranger.get(f"{AT}/{copied.json()['id']}").status_code == 200


@pytest.mark.parametrize("visibility", ["private", "shared", "public"])
def test_what_strangers_may_do(visibility: str, prompt: SystemPrompt, bob: User) -> None:
    actions.change(prompt, {"visibility": visibility})
    client, at = client_of(bob), f"{AT}/{prompt.pk}"
    reads = visibility == "public"

    assert client.get(at).status_code == (200 if reads else 404)
    assert names(client) == (["Translator"] if reads else [])
    rendered = client.post(f"{at}/render", {}, content_type=JSON)
    assert rendered.status_code == (200 if reads else 404)
    assert client.post(f"{at}/copy").status_code == (201 if reads else 404)
    assert client.patch(at, {"name": "Mine"}, content_type=JSON).status_code == 404
    assert client.delete(at).status_code == 404
    assert client.get(f"{at}/versions").status_code == 404
    assert client.post(f"{at}/versions/1/restore").status_code == 404


def test_nobody_gets_in_without_a_key(client: Client, prompt: SystemPrompt) -> None:
    actions.change(prompt, {"visibility": "public"})
    at = f"{AT}/{prompt.pk}"

    for path in (AT, at, f"{at}/versions"):
        assert client.get(path).status_code == 401
    for path in (AT, f"{at}/copy", f"{at}/render", f"{at}/versions/1/restore"):
        assert client.post(path, {}, content_type=JSON).status_code == 401
    assert client.patch(at, {}, content_type=JSON).status_code == 401
    assert client.delete(at).status_code == 401


def test_keys_need_the_scope(alice: User, prompt: SystemPrompt) -> None:
    _key, secret = APIKey.objects.issue(alice, "tests", scopes=["read"])
    client = Client(headers={"authorization": f"Bearer {secret}"})
    at = f"{AT}/{prompt.pk}"

    assert client.post(f"{at}/render", {}, content_type=JSON).status_code == 200
    assert client.post(f"{at}/copy").status_code == 403
    assert client.patch(at, {"name": "x"}, content_type=JSON).status_code == 403
    assert client.delete(at).status_code == 403


def test_addresses_cannot_be_tried_one_after_the_other(api: Client, bob: User) -> None:
    body: dict[str, Any] = {"name": "x", "prompt": "x", "visibility": "shared"}
    for number in range(MOST_MISSES):
        api.post(AT, body | {"shared_with": [f"n{number}@a.org"]}, content_type=JSON)

    response = api.post(AT, body | {"shared_with": [bob.email]}, content_type=JSON)

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
