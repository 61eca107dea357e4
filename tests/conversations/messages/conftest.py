import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Message, Project, ProjectMember
from inference.models import AIModel
from tests.conversations.builders import HTMX


@pytest.fixture
def question(conversation: Conversation) -> Message:
    return conversation.messages.get(role="user")


@pytest.fixture
def answer(conversation: Conversation) -> Message:
    return conversation.messages.get(role="assistant")


@pytest.fixture
def other_model(model: AIModel) -> AIModel:
    return AIModel.objects.create(
        name="other", display_name="Other", provider=model.provider, path="other.gguf"
    )


@pytest.fixture
def project(alice: User, conversation: Conversation) -> Project:
    """Of alice's, with her conversation in it."""
    project = Project.objects.create(user=alice, name="Foxes")
    conversation.project = project
    conversation.save()
    return project


@pytest.fixture
def readers_page(project: Project, bob: User) -> Client:
    """Bob's, who may read in alice's project."""
    return _members_page(project, bob, ProjectMember.Access.READ)


@pytest.fixture
def writers_page(project: Project, charlie: User) -> Client:
    """Charlie's, who may write there."""
    return _members_page(project, charlie, ProjectMember.Access.WRITE)


def _members_page(project: Project, user: User, access: ProjectMember.Access) -> Client:
    project.members.create(user=user, access=access)
    client = Client(headers=HTMX)
    client.force_login(user)
    return client
