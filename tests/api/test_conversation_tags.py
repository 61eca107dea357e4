"""Tags are one's own."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Project, ProjectMember, Tag
from tests.api.conversing import address, patch

pytestmark = pytest.mark.django_db


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
