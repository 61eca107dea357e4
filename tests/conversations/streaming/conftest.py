import pytest

from conversations.models import Conversation
from tests.conversations.streaming.growing import Worker


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.streaming.TICK_SECONDS", 0.2)


@pytest.fixture
def worker(live_conversation: Conversation) -> Worker:
    return Worker(live_conversation)
