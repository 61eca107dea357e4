"""How much may wait, of each user and in all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import User
from inference import lifecycle, queue
from inference.admission import QueueFull
from inference.ask import Ask
from inference.models import AIModel, Generation
from tests.inference.submitting import DONE, LONG, Source, submit

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_user_with_too_many_waiting_is_refused_and_others_are_not(
    alice: User, bob: User, model: AIModel, settings: Any
) -> None:
    settings.MAX_WAITING_PER_USER = 2
    submit(alice, model)
    submit(alice, model)

    with pytest.raises(QueueFull) as refused:
        submit(alice, model)

    assert refused.value.retry_after > 0
    submit(bob, model)


def test_a_full_queue_refuses_everybody(
    alice: User, bob: User, model: AIModel, settings: Any
) -> None:
    settings.MAX_WAITING = 1
    submit(alice, model)

    with pytest.raises(QueueFull):
        submit(bob, model)


def test_a_user_with_too_much_text_waiting_is_refused_and_others_are_not(
    alice: User, bob: User, model: AIModel, settings: Any
) -> None:
    settings.MAX_WAITING_TOKENS_PER_USER = 150
    lifecycle.submit(alice, model, Ask(LONG), {}, Source.API)
    submit(alice, model)

    with pytest.raises(QueueFull, match="too much text"):
        lifecycle.submit(alice, model, Ask(LONG), {}, Source.API)

    lifecycle.submit(bob, model, Ask(LONG), {}, Source.API)


def test_too_much_text_in_all_refuses_everybody(
    alice: User, bob: User, model: AIModel, settings: Any
) -> None:
    settings.MAX_WAITING_TOKENS = 150
    lifecycle.submit(alice, model, Ask(LONG), {}, Source.API)

    with pytest.raises(QueueFull, match="too much to do"):
        lifecycle.submit(bob, model, Ask(LONG), {}, Source.API)


def test_a_long_prompt_is_let_in_where_nothing_waits(
    alice: User, model: AIModel, settings: Any
) -> None:
    settings.MAX_WAITING_TOKENS = settings.MAX_WAITING_TOKENS_PER_USER = 50

    lifecycle.submit(alice, model, Ask(LONG), {}, Source.API)


def test_a_run_that_has_begun_makes_room(alice: User, model: AIModel, settings: Any) -> None:
    settings.MAX_WAITING_TOKENS_PER_USER = 150
    lifecycle.submit(alice, model, Ask(LONG), {}, Source.API)
    queue.claim(model.pk, "w")

    lifecycle.submit(alice, model, Ask(LONG), {}, Source.API)


def test_the_time_to_try_again_follows_from_the_pace(
    alice: User, bob: User, model: AIModel, settings: Any
) -> None:
    """A run took 42 seconds, and two run at once: every 21 seconds one begins."""
    ended = submit(bob, model)
    queue.claim(model.pk, "w")
    Generation.objects.update(started_at=timezone.now() - timedelta(seconds=41.9))
    lifecycle.finish(ended.pk, 1, DONE)
    for _seat in range(2):
        submit(bob, model)
        queue.claim(model.pk, "w")
    settings.MAX_WAITING_PER_USER = 1
    submit(alice, model)

    with pytest.raises(QueueFull) as refused:
        submit(alice, model)

    assert refused.value.retry_after in (21, 22)


def test_limits_hold_when_many_requests_come_at_once(
    alice: User, model: AIModel, settings: Any
) -> None:
    settings.MAX_WAITING_PER_USER = 5

    def ask(_number: int) -> bool:
        try:
            submit(alice, model)
            return True
        except QueueFull:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        admitted = sum(threads.map(ask, range(24)))

    assert admitted == 5
    assert Generation.objects.count() == 5
