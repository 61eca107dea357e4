"""A run ends once: finished, stopped or forgotten. Its account stays."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from accounts.models import User
from inference import lifecycle, queue
from inference.ask import Ask
from inference.models import AIModel, Generation, UsageLog
from inference.token_log import Ended, Started, TokenLog, Tokens
from tests.inference.submitting import DONE, LONG, Reason, Source, Status, submit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str]]]:
    calls: list[tuple[str, str]] = []
    listener = lambda run, end: calls.append((run.status, end.text))  # noqa: E731
    lifecycle.on_finish(listener)
    yield calls
    lifecycle._listeners.remove(listener)


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


def test_a_waiting_prompt_is_estimated_and_counted_in_the_end(alice: User, model: AIModel) -> None:
    run = lifecycle.submit(alice, model, Ask(LONG), {}, Source.API)
    assert run.prompt_tokens == 100

    queue.claim(model.pk, "w")
    lifecycle.finish(run.pk, 1, replace(DONE, prompt_tokens=87, cached_tokens=80))

    run.refresh_from_db()
    assert (run.prompt_tokens, run.cached_tokens) == (87, 80)
    usage = UsageLog.objects.get()
    assert (usage.input_tokens, usage.cached_tokens) == (87, 80)


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
