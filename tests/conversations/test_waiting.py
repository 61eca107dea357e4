"""The line that stands where an answer will be."""

import time
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations import waiting
from inference import presence, queue
from inference.models import AIModel, UsageLog
from inference.presence import Files, ModelState, WorkerState
from tests.conversations.builders import answered, asked, run_of, started


@pytest.fixture
def report(model: AIModel) -> Callable[[ModelState], None]:
    def report(state: ModelState) -> None:
        models = {} if state.state == "absent" else {model.pk: state}
        presence.report(WorkerState("worker", models, seen_at=time.time()))

    return report


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ModelState("loading", 0.42), "Model is loading… 42 %"),
        (ModelState("failed", error="no such file"), "could not be loaded: no such file"),
        (ModelState("absent"), "Waiting for a worker to load the model…"),
        (ModelState("ready"), "Next in line"),
    ],
)
def test_it_says_what_is_waited_for(
    alice: User,
    model: AIModel,
    report: Callable[[ModelState], None],
    state: ModelState,
    words: str,
) -> None:
    report(state)

    assert words in waiting.line(run_of(asked(alice, model, "Hello")))


def test_without_a_worker_it_says_so(alice: User, model: AIModel) -> None:
    line = waiting.line(run_of(asked(alice, model, "Hello")))

    assert line == "Waiting for a worker to start…"


def test_it_says_that_the_models_file_is_missing(alice: User, model: AIModel) -> None:
    now = time.time()
    presence.report(WorkerState("worker", seen_at=now, files=Files([], now + 60)))

    assert waiting.line(run_of(asked(alice, model, "Hello"))) == "No worker has this model's file."


def test_it_counts_those_before(
    alice: User, bob: User, model: AIModel, report: Callable[[ModelState], None]
) -> None:
    report(ModelState("ready"))
    asked(bob, model, "First")
    second = asked(alice, model, "Second")

    assert waiting.line(run_of(second)) == "2nd in line"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "about 5 s"),
        (5.1, "about 10 s"),
        (17.0, "about 20 s"),
        (55.0, "about 55 s"),
        (56.0, "about 1 minute"),
        (61.0, "about 2 minutes"),
    ],
)
def test_the_wait_is_told_in_round_figures(
    alice: User,
    bob: User,
    model: AIModel,
    report: Callable[[ModelState], None],
    seconds: float,
    words: str,
) -> None:
    report(ModelState("ready"))
    answered(asked(bob, model, "An earlier question"), "An answer")
    UsageLog.objects.update(duration=seconds / 3, user=alice)
    asked(alice, model, "What is being answered")
    queue.claim(model.pk, "worker")
    for text in ("The first in line", "The second"):
        asked(bob, model, text)
    third = asked(alice, model, "The third")

    assert waiting.line(run_of(third)) == f"3rd in line, {words}"


def test_a_run_that_has_begun_waits_for_nothing(alice: User, model: AIModel) -> None:
    assert waiting.line(started(asked(alice, model, "Hello"))) == ""


def test_the_page_shows_it(
    plain_page: Client, alice: User, model: AIModel, report: Callable[[ModelState], None]
) -> None:
    report(ModelState("loading", 0.42))
    answer = asked(alice, model, "Hello")

    html = plain_page.get(f"/c/{answer.conversation_id}/").content.decode()

    assert "Model is loading… 42 %" in html
