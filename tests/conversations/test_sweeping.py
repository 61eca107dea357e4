"""What is cleared away without anybody asking, whether or not a worker runs."""

import time
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from conversations import organising, sweeping
from conversations.models import Conversation, Message
from conversations.organising.deleting import UNDO_SECONDS
from inference.engine.prefix import Prefix
from inference.engine.state_files import StateFolder
from inference.models import Generation, UsageLog
from inference.state_paths import states_folder
from inference.token_log import TokenLog, Tokens
from tests.conversations.builders import run_of, started
from tests.web_server import web_server

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timezone.now() - timedelta(seconds=UNDO_SECONDS + 1)


def lost(conversation: Conversation) -> Generation:
    """The run of its answer, whose worker has died."""
    run = started(conversation.messages.get(role="assistant"))
    TokenLog.default().write([(run.pk, Tokens("1-1", (7,), "A secret"))])
    Generation.objects.filter(pk=run.pk).update(lease_until=LONG_AGO)
    return run


def test_a_web_server_sweeps_alone(conversation: Conversation) -> None:
    Conversation.objects.update(deleted_at=LONG_AGO)

    with web_server():
        end = time.monotonic() + 10
        while Message.objects.exists():
            assert time.monotonic() < end
            time.sleep(0.05)

    assert not Conversation.objects.exists()


def test_a_stopped_answer_ends_without_a_worker(live_conversation: Conversation) -> None:
    run = lost(live_conversation)
    organising.put_away(live_conversation)

    sweeping.sweep()

    run.refresh_from_db()
    assert (run.status, run.reason) == ("stopped", "cancelled")
    assert run_of(Message.objects.get(role="assistant")).messages == []
    assert UsageLog.objects.get().output_tokens == 1


def test_nothing_is_left_of_an_answer_that_lost_its_worker(live_conversation: Conversation) -> None:
    run = lost(live_conversation)
    organising.delete(live_conversation)
    assert Generation.objects.get().messages

    sweeping.sweep()

    assert not Generation.objects.exists()
    assert TokenLog.default().events(run.pk) == []
    assert UsageLog.objects.get().status == "stopped"


def test_an_answer_whose_worker_lives_is_left_to_it(live_conversation: Conversation) -> None:
    started(live_conversation.messages.get(role="assistant"))
    organising.put_away(live_conversation)

    sweeping.sweep()

    assert Generation.objects.get().status == "running"


def test_what_a_worker_kept_of_it_on_disk_goes(conversation: Conversation) -> None:
    run = str(run_of(conversation.messages.get(role="assistant")).pk)
    folder = StateFolder(states_folder() / "998", "a model", b"a secret")
    path = folder.write(Prefix(np.arange(9, dtype=np.int32), run=run), b"state")
    unfinished = path.with_suffix(".part")
    unfinished.touch()

    sweeping.sweep()
    assert path.exists()
    Conversation.objects.update(deleted_at=LONG_AGO)
    sweeping.sweep()

    assert not path.exists()
    assert not unfinished.exists()


def test_one_duty_that_fails_does_not_keep_the_others_from_being_done(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ValueError

    Conversation.objects.update(deleted_at=LONG_AGO)
    monkeypatch.setattr("inference.lifecycle.end_stopped", fail)

    sweeping.sweep()

    assert not Conversation.objects.exists()
