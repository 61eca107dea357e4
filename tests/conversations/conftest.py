import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation
from inference.models import AIModel
from tests.conversations.builders import HTMX, answered, asked


@pytest.fixture
def page(alice: User) -> Client:
    """Alice's browser, with scripts."""
    client = Client(headers=HTMX)
    client.force_login(alice)
    return client


@pytest.fixture
def plain_page(alice: User) -> Client:
    """Alice's browser, without scripts."""
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def strangers_page(bob: User) -> Client:
    client = Client(headers=HTMX)
    client.force_login(bob)
    return client


@pytest.fixture
def conversation(alice: User, model: AIModel) -> Conversation:
    """One question of alice's, with its answer."""
    return answered(asked(alice, model, "What is a fox?"), "A **small** animal.").conversation


@pytest.fixture
def live_conversation(alice: User, model: AIModel) -> Conversation:
    """One question of alice's that waits for its answer."""
    return asked(alice, model, "What is a fox?").conversation
