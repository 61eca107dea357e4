from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Project, ProjectMember, Tag
from inference.models import AIModel
from tests.api.conftest import bearer
from tests.conversations.builders import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(alice: User, model: AIModel) -> Conversation:
    conversation = Conversation.objects.create(user=alice, title="Greetings", model=model)
    said(conversation, "user", "Hello")
    said(conversation, "assistant", "Hi!")
    return conversation


@pytest.fixture
def stranger(bob: User) -> Client:
    return Client(headers={"authorization": bearer(bob)})


def address(conversation: Conversation, rest: str = "") -> str:
    return f"/api/v1/conversations/{conversation.pk}{rest}"


def patch(api: Client, conversation: Conversation, body: Any) -> Any:
    return api.patch(address(conversation), body, content_type="application/json")


def pages(api: Client, path: str, kind: str) -> list[list[Any]]:
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(path, {"limit": 2, "cursor": cursor}).json()
        found.append(page[kind])
        cursor = page["next_cursor"]
    return found


def test_it_lists_ones_own(api: Client, conversation: Conversation, bob: User) -> None:
    Conversation.objects.create(user=bob, title="Not for alice")

    page = api.get("/api/v1/conversations").json()

    assert page["next_cursor"] is None
    [found] = page["conversations"]
    assert (found["id"], found["title"], found["model"]) == (
        str(conversation.pk),
        "Greetings",
        "demo",
    )


def test_it_lists_page_by_page_the_latest_first(api: Client, alice: User) -> None:
    now = timezone.now()
    for number in range(5):  # the two oldest at the same moment
        at = now - timedelta(minutes=min(number, 3))
        Conversation.objects.create(user=alice, title=str(number), updated_at=at)

    found = pages(api, "/api/v1/conversations", "conversations")

    assert [len(page) for page in found] == [2, 2, 1]
    titles = [each["title"] for page in found for each in page]
    assert titles[:3] == ["0", "1", "2"]
    assert sorted(titles) == ["0", "1", "2", "3", "4"]


def test_it_reads_one(api: Client, conversation: Conversation) -> None:
    assert api.get(address(conversation)).json()["title"] == "Greetings"


def test_it_renames(api: Client, conversation: Conversation) -> None:
    response = api.patch(
        address(conversation), {"title": "  Salutations "}, content_type="application/json"
    )

    assert response.json()["title"] == "Salutations"
    conversation.refresh_from_db()
    assert conversation.title == "Salutations"


def test_it_changes_what_else_there_is(
    api: Client, alice: User, conversation: Conversation
) -> None:
    project = Project.objects.create(user=alice, name="Ours")
    change = {
        "project_id": str(project.pk),
        "pinned": True,
        "archived": True,
        "tags": ["#travel", "Travel"],
        "instructions": "Be brief.",
        "parameters": {"temperature": 0.2, "stop": ["\n"]},
    }

    changed = patch(api, conversation, change).json()

    assert {name: changed[name] for name in change} == change | {"tags": ["travel"]}
    assert changed["title"] == "Greetings"
    undone = patch(api, conversation, {"pinned": False, "project_id": None, "tags": []}).json()
    assert (undone["pinned"], undone["project_id"], undone["tags"]) == (False, None, [])
    assert undone["archived"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"parameters": {"temperature": 9}}, "temperature"),
        ({"parameters": {"grammar": "x"}}, "grammar"),
        ({"parameters": {"colour": 1}}, "colour"),
        ({"parameters": []}, "parameters"),
        ({"tags": ["x" * 51]}, "tag"),
        ({"tags": ["a,b"]}, "comma"),
        ({"tags": "work"}, "tags"),
        ({"pinned": "yes"}, "pinned"),
        ({"pinned": None}, "pinned"),
        ({"project_id": "x"}, "project_id"),
        ({"instructions": "x" * 60_000}, "instructions"),
        ({"user": 1}, "user"),
    ],
)
def test_a_bad_change_is_refused(
    body: Any, param: str, api: Client, conversation: Conversation
) -> None:
    response = patch(api, conversation, body)

    assert response.status_code == 400
    assert param in response.json()["error"]


def test_it_cannot_be_moved_where_one_may_not_write(
    api: Client, alice: User, bob: User, conversation: Conversation
) -> None:
    project = Project.objects.create(user=bob, name="Bob’s")
    ProjectMember.objects.create(project=project, user=alice, access="read")
    archived = Project.objects.create(user=alice, name="Done", archived_at=timezone.now())

    for id in (project.pk, archived.pk, uuid4()):
        assert patch(api, conversation, {"project_id": str(id)}).status_code == 404
        made = api.post(
            "/api/v1/conversations", {"project_id": str(id)}, content_type="application/json"
        )
        assert made.status_code == 404


def test_it_is_made_with_all_of_this(api: Client, alice: User) -> None:
    body = {"title": "Trip", "tags": ["travel"], "pinned": True, "parameters": {"seed": 7}}

    made = api.post("/api/v1/conversations", body, content_type="application/json")

    assert made.status_code == 201
    assert made.json() | body == made.json()


def test_a_temporary_one_is_in_no_list(api: Client, alice: User) -> None:
    made = api.post("/api/v1/conversations", {"temporary": True}, content_type="application/json")

    assert made.json()["temporary"]
    assert api.get("/api/v1/conversations").json()["conversations"] == []
    address = f"/api/v1/conversations/{made.json()['id']}"
    refused = api.patch(address, {"pinned": True}, content_type="application/json")
    assert refused.status_code == 400


def test_lists_are_filtered(api: Client, alice: User) -> None:
    project = Project.objects.create(user=alice, name="Ours")
    made = {
        "plain": {},
        "pinned": {"pinned_at": timezone.now()},
        "old": {"archived_at": timezone.now()},
        "ours": {"project": project},
    }
    rows = {
        title: Conversation.objects.create(user=alice, title=title, **fields)
        for title, fields in made.items()
    }
    rows["plain"].tags.add(Tag.objects.create(user=alice, name="travel"))

    def titles(**query: Any) -> set[str]:
        found = api.get("/api/v1/conversations", query).json()["conversations"]
        return {one["title"] for one in found}

    assert titles() == {"plain", "pinned", "ours"}
    assert titles(archived="true") == {"old"}
    assert titles(pinned="true") == {"pinned"}
    assert titles(pinned="false") == {"plain", "ours"}
    assert titles(tag="travel") == {"plain"}
    assert titles(project_id=project.pk) == {"ours"}
    assert titles(project_id=uuid4()) == titles(tag="none") == titles(tag="\0") == set()


def test_tags_are_listed_renamed_and_deleted(
    api: Client, alice: User, bob: User, conversation: Conversation
) -> None:
    patch(api, conversation, {"tags": ["travel", "work"]})
    Tag.objects.create(user=bob, name="secret")

    found = {tag["name"]: tag for tag in api.get("/api/v1/tags").json()["tags"]}
    assert {name: tag["count"] for name, tag in found.items()} == {"travel": 1, "work": 1}

    travel = f"/api/v1/tags/{found['travel']['id']}"
    renamed = api.patch(travel, {"name": "Trips"}, content_type="application/json").json()
    assert renamed == found["travel"] | {"name": "Trips"}
    joined = api.patch(travel, {"name": "WORK"}, content_type="application/json").json()
    assert joined == found["work"]
    assert api.delete(f"/api/v1/tags/{joined['id']}").status_code == 204
    assert api.get(address(conversation)).json()["tags"] == []


@pytest.mark.parametrize("name", ["", " ", "#", "a,b", "x" * 51, 5, None])
def test_a_bad_tag_is_refused(name: Any, api: Client, conversation: Conversation) -> None:
    patch(api, conversation, {"tags": ["travel"]})
    tag = Tag.objects.get()

    response = api.patch(f"/api/v1/tags/{tag.pk}", {"name": name}, content_type="application/json")

    assert response.status_code == 400
    assert "name" in response.json()["error"].lower() or "tag" in response.json()["error"].lower()


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_anothers_tag_is_not_there(method: str, api: Client, bob: User) -> None:
    tag = Tag.objects.create(user=bob, name="secret")
    options = {"content_type": "application/json", "data": {"name": "mine"}}

    response = getattr(api, method)(
        f"/api/v1/tags/{tag.pk}", **(options if method == "patch" else {})
    )

    assert response.status_code == 404
    assert Tag.objects.get().name == "secret"
    assert Client().get("/api/v1/tags").status_code == 401


def test_others_in_a_project_do_not_see_ones_tags(
    api: Client, stranger: Client, alice: User, bob: User, conversation: Conversation
) -> None:
    project = Project.objects.create(user=alice, name="Ours")
    ProjectMember.objects.create(project=project, user=bob, access="read")
    patch(api, conversation, {"project_id": str(project.pk), "tags": ["annoying"]})

    assert stranger.get(address(conversation)).json()["tags"] == []
    assert patch(stranger, conversation, {"pinned": True}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{"title": ""}, {"title": "  "}, {"title": "x" * 201}, {"title": "a\0b"}, {"title": 5}, {}, []],
)
def test_a_bad_title_is_refused(body: Any, api: Client, conversation: Conversation) -> None:
    response = api.patch(address(conversation), body, content_type="application/json")

    assert response.status_code == 400
    assert set(response.json()) == {"error", "code"}
    conversation.refresh_from_db()
    assert conversation.title == "Greetings"


def test_it_deletes(api: Client, conversation: Conversation) -> None:
    assert api.delete(address(conversation)).status_code == 204

    assert not Conversation.objects.exists()


def test_it_lists_messages_oldest_first(api: Client, conversation: Conversation) -> None:
    said(conversation, "user", "Bye")

    found = pages(api, address(conversation, "/messages"), "messages")

    assert [[each["content"] for each in page] for page in found] == [["Hello", "Hi!"], ["Bye"]]
    assert found[0][1]["role"] == "assistant"
    assert found[0][1]["status"] == "done"


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_a_stranger_gets_404(method: str, stranger: Client, conversation: Conversation) -> None:
    options = {"content_type": "application/json", "data": {"title": "Mine"}}

    response = getattr(stranger, method)(
        address(conversation), **(options if method == "patch" else {})
    )

    assert response.status_code == 404
    assert response.json() == {"error": "There is nothing here.", "code": "not_found"}
    conversation.refresh_from_db()
    assert conversation.title == "Greetings"


def test_a_stranger_cannot_read_messages(stranger: Client, conversation: Conversation) -> None:
    assert stranger.get(address(conversation, "/messages")).status_code == 404


def test_staff_are_strangers_too(charlie: User, conversation: Conversation) -> None:
    client = Client(headers={"authorization": bearer(charlie)})

    assert client.get(address(conversation)).status_code == 404


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_nobody_gets_in_without_a_key(
    method: str, client: Client, conversation: Conversation
) -> None:
    assert getattr(client, method)(address(conversation)).status_code == 401
    assert client.get("/api/v1/conversations").status_code == 401
    assert client.get(address(conversation, "/messages")).status_code == 401


def test_a_session_needs_its_csrf_token_to_change_something(
    alice: User, conversation: Conversation
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    assert browser.get(address(conversation)).status_code == 200
    response = browser.delete(address(conversation))

    assert response.status_code == 403
    assert response.json()["code"] == "forbidden"
    assert Conversation.objects.exists()


@pytest.mark.parametrize("rest", [str(UUID(int=0)), "not-a-uuid", "1", "%00", "../../healthz"])
def test_what_is_not_there_is_404(rest: str, api: Client, alice: User) -> None:
    response = api.get(f"/api/v1/conversations/{rest}")

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=99999999999999999999",
        "cursor=x",
        "cursor=%00",
        "cursor=MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCAx",
        "cursor=" + "A" * 300,
        "cursor=-1",
        "cursor=99999999999999999999999",
        "cursor=%C2%B2",
    ],
)
def test_bad_pages_are_refused(query: str, api: Client, conversation: Conversation) -> None:
    for path in ("/api/v1/conversations", address(conversation, "/messages")):
        response = api.get(f"{path}?{query}")

        assert response.status_code == 400, response.content
        assert set(response.json()) == {"error", "code"}
