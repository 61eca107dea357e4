import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Message
from inference.models import AIModel
from tests.conversations.builders import asked
from tests.conversations.inspection.answers import work, written


@pytest.fixture
def answer(alice: User, model: AIModel) -> Message:
    return written(asked(alice, model, "What is a fox?"), 7, 8, 9, 10)


@pytest.fixture
def inspected(page: Client, answer: Message, model: AIModel) -> Message:
    page.post(f"/m/{answer.pk}/tokens/")
    work(model, 7, 8, 9, 10)
    return answer
