from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import APIKey, User
from conversations.models import Conversation, Project, ProjectMember
from conversations.people import MOST_MISSES
from conversations.projects import actions
from inference.models import AIModel
from tests.api.conftest import bearer

pytestmark = pytest.mark.django_db

JSON = "application/json"
AT = "/api/v1/projects"


def client_of(user: User) -> Client:
    return Client(headers={"authorization": bearer(user)})


@pytest.fixture
def project(alice: User) -> Project:
    return actions.create(alice, {"name": "Foxes", "instructions": "Speak of foxes."})


@pytest.fixture
def reader(project: Project) -> User:
    erin = User.objects.create_user("erin@example.org", "a long password")
    ProjectMember.objects.create(project=project, user=erin, access="read")
    return erin


@pytest.fixture
def writer(project: Project) -> User:
    dora = User.objects.create_user("dora@example.org", "a long password")
    ProjectMember.objects.create(project=project, user=dora, access="write")
    return dora


def test_one_is_made(api: Client, alice: User, model: AIModel) -> None:
    prompt = alice.prompts.create(name="Scholar", prompt="Cite sources.")
    body = {
        "name": " Travel ",
        "description": "Trips",
        "icon": "plane",
        "instructions": "Be brief.",
        "model_id": "demo",
        "prompt_id": str(prompt.pk),
        "parameters": {"temperature": 0.2, "stop": ["."]},
    }
    made = api.post(AT, body, content_type=JSON)

    told = made.json()
    assert made.status_code == 201
    assert told == api.get(f"{AT}/{told['id']}").json()
    assert {name: told[name] for name in body} == body | {"name": "Travel"}
    assert told["user_id"] == alice.pk
    assert told["system_prompt"] == "Cite sources.\n\nBe brief."
    assert told["is_archived"] is False


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"name": ""},
        {"name": "x" * 101},
        {"name": 5},
        {"name": "a\0b"},
        {"name": "x", "icon": "skull"},
        {"name": "x", "colour": "red"},
        {"name": "x", "instructions": "x" * 20_001},
        {"name": "x", "prompt_id": str(uuid4())},
        {"name": "x", "prompt_id": "x"},
        {"name": "x", "parameters": {"temperature": 9}},
        {"name": "x", "parameters": {"grammar": "x"}},
        {"name": "x", "parameters": {"heat": 1}},
        {"name": "x", "parameters": []},
    ],
)
def test_bad_fields_are_refused(body: Any, api: Client) -> None:
    response = api.post(AT, body, content_type=JSON)

    assert response.status_code == 400, response.content
    assert set(response.json()) == {"error", "code"}
    assert not Project.objects.exists()


def test_a_model_that_is_not_there_is_404(api: Client) -> None:
    response = api.post(AT, {"name": "x", "model_id": "none"}, content_type=JSON)

    assert (response.status_code, response.json()["code"]) == (404, "model_not_found")


def test_it_is_changed_field_by_field(api: Client, project: Project) -> None:
    at = f"{AT}/{project.pk}"

    told = api.patch(at, {"name": "Wolves"}, content_type=JSON).json()
    assert (told["name"], told["instructions"]) == ("Wolves", "Speak of foxes.")

    told = api.patch(at, {"is_archived": True}, content_type=JSON).json()
    assert told["is_archived"] is True
    assert api.get(AT).json()["projects"] == []
    assert len(api.get(AT, {"archived": True}).json()["projects"]) == 1

    for bad in ({"name": None}, {"name": ""}, {"is_archived": "yes"}, {"icon": None}):
        assert api.patch(at, bad, content_type=JSON).status_code == 400


def test_they_are_listed_page_by_page(api: Client, alice: User, project: Project) -> None:
    for number in range(4):
        at = timezone.now() - timedelta(days=min(number, 2))
        Project.objects.create(user=alice, name=str(number), updated_at=at)

    found, cursor = [], ""
    while cursor is not None:
        page = api.get(AT, {"limit": 2, "cursor": cursor}).json()
        found += [each["name"] for each in page["projects"]]
        cursor = page["next_cursor"]

    assert found[:3] == ["0", "Foxes", "1"] or found[:3] == ["Foxes", "0", "1"]
    assert sorted(found) == ["0", "1", "2", "3", "Foxes"]
    for bad in ("x", "\0", "MDAwMS0wMS0wMQ"):
        assert api.get(AT, {"cursor": bad}).status_code == 400


def test_deleting_it_keeps_its_conversations(api: Client, alice: User, project: Project) -> None:
    chat = Conversation.objects.create(user=alice, project=project, title="Tea")
    at = f"{AT}/{project.pk}"
    [listed] = api.get(f"{at}/conversations").json()["conversations"]
    assert listed["title"] == "Tea"

    assert api.delete(at).status_code == 204

    chat.refresh_from_db()
    assert chat.project is None
    assert api.get(at).status_code == 404


def test_what_each_may_do(project: Project, reader: User, writer: User, bob: User) -> None:
    at = f"{AT}/{project.pk}"
    renamed = {"data": {"name": "Wolves"}, "content_type": JSON}
    archived = {"data": {"is_archived": True}, "content_type": JSON}
    for person, reads, writes in ((reader, 200, 404), (writer, 200, 200), (bob, 404, 404)):
        client = client_of(person)
        assert client.get(at).status_code == reads
        assert client.get(f"{at}/members").status_code == reads
        assert client.get(f"{at}/conversations").status_code == reads
        assert client.patch(at, **renamed).status_code == writes
        assert client.patch(at, **archived).status_code == 404
        assert client.delete(at).status_code == 404
        assert len(client.get(AT).json()["projects"]) == (reads == 200)
    assert Project.objects.get().archived_at is None


def test_nobody_gets_in_without_a_key(client: Client, project: Project, reader: User) -> None:
    at = f"{AT}/{project.pk}"

    for path in (AT, at, f"{at}/members", f"{at}/conversations"):
        assert client.get(path).status_code == 401
    for path in (AT, f"{at}/members"):
        assert client.post(path, {}, content_type=JSON).status_code == 401
    for path in (at, f"{at}/members/{reader.pk}"):
        assert client.patch(path, {}, content_type=JSON).status_code == 401
        assert client.delete(path).status_code == 401


def test_keys_need_the_scope(alice: User, project: Project, reader: User) -> None:
    _key, secret = APIKey.objects.issue(alice, "tests", scopes=["read"])
    client = Client(headers={"authorization": f"Bearer {secret}"})
    at = f"{AT}/{project.pk}"

    assert client.get(at).status_code == 200
    assert client.post(AT, {"name": "x"}, content_type=JSON).status_code == 403
    assert client.patch(at, {"name": "x"}, content_type=JSON).status_code == 403
    assert client.delete(f"{at}/members/{reader.pk}").status_code == 403


def test_members_are_added_changed_and_removed(api: Client, project: Project, bob: User) -> None:
    at = f"{AT}/{project.pk}/members"

    added = api.post(at, {"email": "BOB@example.org", "access": "read"}, content_type=JSON)
    assert added.status_code == 201
    assert api.get(at).json() == {"members": [added.json()], "next_cursor": None}
    assert (added.json()["user_id"], added.json()["access"]) == (bob.pk, "read")

    changed = api.patch(f"{at}/{bob.pk}", {"access": "write"}, content_type=JSON)
    assert changed.json()["access"] == "write"

    assert api.delete(f"{at}/{bob.pk}").status_code == 204
    assert api.delete(f"{at}/{bob.pk}").status_code == 404
    assert client_of(bob).get(f"{AT}/{project.pk}").status_code == 404


def test_members_manage_nobody_but_may_leave(
    project: Project, reader: User, writer: User, bob: User
) -> None:
    at = f"{AT}/{project.pk}/members"
    client = client_of(writer)

    added = {"email": bob.email, "access": "read"}
    assert client.post(at, added, content_type=JSON).status_code == 404
    changed = {"access": "write"}
    assert client.patch(f"{at}/{reader.pk}", changed, content_type=JSON).status_code == 404
    assert client.delete(f"{at}/{reader.pk}").status_code == 404
    assert client_of(bob).delete(f"{at}/{reader.pk}").status_code == 404
    assert client.delete(f"{at}/{writer.pk}").status_code == 204
    assert [member.user for member in project.members.all()] == [reader]


@pytest.mark.parametrize(
    "body",
    [
        {"email": "nobody@example.org", "access": "read"},
        {"email": "alice@example.org", "access": "read"},
        {"email": "bob@example.org", "access": "own"},
        {"email": "bob@example.org"},
        {"email": "", "access": "read"},
        {"access": "read"},
    ],
)
def test_a_bad_member_is_refused(body: Any, api: Client, project: Project, bob: User) -> None:
    response = api.post(f"{AT}/{project.pk}/members", body, content_type=JSON)

    assert response.status_code == 400
    assert not project.members.exists()


def test_addresses_cannot_be_tried_one_after_the_other(
    api: Client, project: Project, bob: User
) -> None:
    at = f"{AT}/{project.pk}/members"
    for number in range(MOST_MISSES):
        api.post(at, {"email": f"n{number}@a.org", "access": "read"}, content_type=JSON)

    response = api.post(at, {"email": bob.email, "access": "read"}, content_type=JSON)

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("rest", ["0", "9" * 30, "x"])
def test_a_member_who_is_none(rest: str, api: Client, project: Project) -> None:
    at = f"{AT}/{project.pk}/members/{rest}"

    assert api.delete(at).status_code == 404
    assert api.patch(at, {"access": "read"}, content_type=JSON).status_code == 404


def test_an_icon_that_is_not_known_here_is_a_folder(api: Client, alice: User) -> None:
    project = Project.objects.create(user=alice, name="Foxes", icon="skull-of-a-fox")

    assert api.get(f"/api/v1/projects/{project.pk}").json()["icon"] == "folder"
