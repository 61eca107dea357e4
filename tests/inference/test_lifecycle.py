from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import User
from inference import lifecycle, queue
from inference.admission import QueueFull
from inference.ask import Ask
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation, UsageLog
from inference.parameters import ParameterError
from inference.token_log import Ended, Started, TokenLog, Tokens

Status, Reason, Source = Generation.Status, Generation.Reason, Generation.Source
CHAT = [{"role": "user", "content": "hi"}]
pytestmark = pytest.mark.django_db(transaction=True)


def submit(user: User, model: AIModel, **parameters: Any) -> Generation:
    return lifecycle.submit(user, model, Ask(CHAT), parameters, Source.API)


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str]]]:
    calls: list[tuple[str, str]] = []
    listener = lambda run, end: calls.append((run.status, end.text))  # noqa: E731
    lifecycle.on_finish(listener)
    yield calls
    lifecycle._listeners.remove(listener)


DONE = Outcome(Status.DONE, Reason.STOP, text="hello", prompt_tokens=100, completion_tokens=20)


def test_a_submitted_run_waits_with_all_its_parameters(alice: User, model: AIModel) -> None:
    model.parameters = {"temperature": 0.3, "top_p": 0.5}
    run = submit(alice, model, temperature=0)

    assert run.status == Status.QUEUED
    assert run.parameters["temperature"] == 0
    assert run.parameters["top_p"] == 0.5
    assert run.parameters["repeat_penalty"] == 1.1
    assert isinstance(run.parameters["seed"], int)


def test_a_bad_parameter_is_refused_by_name(alice: User, model: AIModel) -> None:
    with pytest.raises(ParameterError, match="temperature") as refused:
        submit(alice, model, temperature=9)

    assert refused.value.name == "temperature"
    assert not Generation.objects.exists()


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


LONG = [{"role": "user", "content": "x" * 400}]  # 100 tokens by the estimate


def test_a_waiting_prompt_is_estimated_and_counted_in_the_end(alice: User, model: AIModel) -> None:
    run = lifecycle.submit(alice, model, Ask(LONG), {}, Source.API)
    assert run.prompt_tokens == 100

    queue.claim(model.pk, "w")
    lifecycle.finish(run.pk, 1, replace(DONE, prompt_tokens=87, cached_tokens=80))

    run.refresh_from_db()
    assert (run.prompt_tokens, run.cached_tokens) == (87, 80)
    usage = UsageLog.objects.get()
    assert (usage.input_tokens, usage.cached_tokens) == (87, 80)


def test_the_estimate_is_never_more_than_the_context(alice: User, model: AIModel) -> None:
    model.context_window = 64

    assert lifecycle.submit(alice, model, Ask(LONG), {}, Source.API).prompt_tokens == 64


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


def test_a_models_system_prompt_goes_first_and_is_public(alice: User, model: AIModel) -> None:
    model.system_prompt = "Be brief."

    run = submit(alice, model)

    assert run.messages == [{"role": "system", "content": "Be brief."}, *CHAT]
    assert run.public_messages == 1


@pytest.mark.parametrize(("own", "public"), [("Be brief.", 1), ("Be verbose.", 0)])
def test_a_requests_own_system_prompt_is_public_only_if_it_is_the_models(
    own: str, public: int, alice: User, model: AIModel
) -> None:
    model.system_prompt = "Be brief."
    messages = [{"role": "system", "content": own}, *CHAT]

    run = lifecycle.submit(alice, model, Ask(messages), {}, Source.API)

    assert (run.messages, run.public_messages) == (messages, public)


def test_without_a_system_prompt_nothing_is_public(alice: User, model: AIModel) -> None:
    messages = [{"role": "system", "content": ""}, *CHAT]

    assert lifecycle.submit(alice, model, Ask(messages), {}, Source.API).public_messages == 0
    assert submit(alice, model).messages == CHAT


def test_choices_of_one_request_pay_for_its_prompt_once(alice: User, model: AIModel) -> None:
    model.input_price, model.output_price = Decimal("1"), Decimal("2")
    model.save()
    first = lifecycle.submit(alice, model, Ask(LONG), {}, Source.API)
    second = lifecycle.submit(alice, model, Ask(LONG), {}, Source.API, sibling_of=first)
    assert (first.prompt_tokens, second.prompt_tokens) == (100, 0)

    for run in (queue.claim(model.pk, "w"), queue.claim(model.pk, "w")):
        assert run
        lifecycle.finish(run.pk, run.attempt, replace(DONE, cached_tokens=60))

    accounts = UsageLog.objects.order_by("pk").values_list(
        "input_tokens", "cached_tokens", "output_tokens", "total_tokens", "cost"
    )
    assert list(accounts) == [
        (100, 60, 20, 120, Decimal("0.00014")),
        (0, 0, 20, 20, Decimal("0.00004")),
    ]
    second.refresh_from_db()
    assert second.prompt_tokens == 100


def test_finishing_accounts_once_and_forgets_the_prompt(
    alice: User, model: AIModel, heard: list[tuple[str, str]]
) -> None:
    model.input_price, model.output_price = Decimal("1"), Decimal("2")
    model.save()
    submit(alice, model)
    run = queue.claim(model.pk, "w")
    assert run

    assert lifecycle.finish(run.pk, run.attempt, DONE)
    assert not lifecycle.finish(run.pk, run.attempt, DONE)

    run.refresh_from_db()
    assert (run.status, run.reason, run.messages) == (Status.DONE, Reason.STOP, [])
    usage = UsageLog.objects.get()
    assert (usage.user, usage.model_name, usage.total_tokens) == (alice, "demo", 120)
    assert usage.cost == Decimal("0.00014")
    assert heard == [("done", "hello")]
    assert TokenLog.default().events(run.pk) == [Ended("1-22", "done", "stop")]


def test_a_worker_that_lost_its_claim_cannot_finish_the_run(alice: User, model: AIModel) -> None:
    submit(alice, model)
    run = queue.claim(model.pk, "w1")
    assert run
    queue.give_back(run.pk, run.attempt)
    again = queue.claim(model.pk, "w2")
    assert again

    assert not lifecycle.finish(run.pk, run.attempt, DONE)
    assert lifecycle.finish(again.pk, again.attempt, DONE)
    assert UsageLog.objects.count() == 1


def test_stopping_a_waiting_run_ends_it_at_once(
    alice: User, model: AIModel, heard: list[tuple[str, str]]
) -> None:
    run = submit(alice, model)

    lifecycle.stop(run)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.CANCELLED)
    assert heard == [("stopped", "")]
    usage = UsageLog.objects.get()
    assert (usage.status, usage.total_tokens) == (Status.STOPPED, 0)
    assert queue.claim(model.pk, "w") is None


def test_stopping_a_run_that_waits_to_go_on_keeps_what_it_had(
    alice: User, model: AIModel, heard: list[tuple[str, str]]
) -> None:
    submit(alice, model)
    run = queue.claim(model.pk, "w")
    assert run
    TokenLog.default().write([(run.pk, Started("1-0")), (run.pk, Tokens("1-2", (5, 6), "so far"))])
    queue.give_back(run.pk, run.attempt)
    run.refresh_from_db()

    lifecycle.stop(run)

    assert heard == [("stopped", "so far")]
    assert UsageLog.objects.get().output_tokens == 2


def test_stopping_a_running_run_asks_its_worker(alice: User, model: AIModel) -> None:
    submit(alice, model)
    run = queue.claim(model.pk, "w")
    assert run

    lifecycle.stop(run)

    run.refresh_from_db()
    assert (run.status, run.stop_requested) == (Status.RUNNING, True)


def test_stopping_a_finished_run_changes_nothing(alice: User, model: AIModel) -> None:
    submit(alice, model)
    run = queue.claim(model.pk, "w")
    assert run
    lifecycle.finish(run.pk, run.attempt, DONE)

    lifecycle.stop(run)

    run.refresh_from_db()
    assert (run.status, run.stop_requested) == (Status.DONE, False)


def test_forgetting_a_run_deletes_what_it_generated_and_keeps_its_account(
    alice: User, model: AIModel
) -> None:
    ended, live = submit(alice, model), submit(alice, model)
    run = queue.claim(model.pk, "w")
    assert run == ended
    TokenLog.default().write([(run.pk, Tokens("1-1", (5,), "secret"))])
    lifecycle.finish(run.pk, run.attempt, DONE)

    lifecycle.forget(Generation.objects.filter(pk__in=[ended.pk, live.pk]))

    assert list(Generation.objects.all()) == [live]
    assert TokenLog.default().events(ended.pk) == []
    assert UsageLog.objects.get().total_tokens == 120
