from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import SystemPrompt
from conversations.prompts import actions


@pytest.fixture
def prompt(alice: User) -> SystemPrompt:
    """Alice's, for herself."""
    fields = {
        "name": "Translator",
        "prompt": "Translate into {{language|English}}: {{text}}",
        "tags": ["language", "für mich"],
    }
    return actions.create(alice, fields)


@pytest.fixture
def browser() -> Callable[[User | None], Client]:
    def browser(user: User | None) -> Client:
        client = Client()
        if user:
            client.force_login(user)
        return client

    return browser
