"""Whose conversations one may read and change."""

from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Project, ProjectMember
from tests.api.conftest import bearer
from tests.api.conversing import address, patch

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("rest", [str(UUID(int=0)), "not-a-uuid", "1", "%00", "../../healthz"])
def test_what_is_not_there_is_404(rest: str, api: Client, alice: User) -> None:
    response = api.get(f"/api/v1/conversations/{rest}")

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
