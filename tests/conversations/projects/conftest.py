from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Project, ProjectMember
from conversations.projects import actions
from inference.models import AIModel
from tests.conversations.builders import answered, asked


@pytest.fixture
def project(alice: User, model: AIModel) -> Project:
    """Alice's. It has a writer, dora, and a reader, erin."""
    project = actions.create(alice, {"name": "Foxes", "instructions": "Speak of foxes."})
    for name, access in (("dora", "write"), ("erin", "read")):
        person = User.objects.create_user(f"{name}@example.org", "a long password")
        ProjectMember.objects.create(project=project, user=person, access=access)
    return project


@pytest.fixture
def dora(project: Project) -> User:
    """May write in the project."""
    return User.objects.get(email="dora@example.org")


@pytest.fixture
def erin(project: Project) -> User:
    """May read in the project."""
    return User.objects.get(email="erin@example.org")


@pytest.fixture
def chat(project: Project, alice: User, model: AIModel) -> Conversation:
    """Alice's, in the project."""
    conversation = answered(asked(alice, model, "What is a fox?"), "An animal.").conversation
    conversation.project = project
    conversation.save()
    return conversation


@pytest.fixture
def browser() -> Callable[[User | None], Client]:
    def browser(user: User | None) -> Client:
        client = Client()
        if user:
            client.force_login(user)
        return client

    return browser
