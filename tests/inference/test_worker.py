import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from inference import lifecycle, presence, queue
from inference.ask import Ask
from inference.engine.llama import LoadError
from inference.engine.scheduler import Row
from inference.models import AIModel, Generation, UsageLog
from inference.token_log import Ended, Started, TokenLog, Tokens
from inference.worker import publisher
from inference.worker import worker as module
from inference.worker.worker import Worker
from tests.inference.fakes import FakeBackend

Status, Reason = Generation.Status, Generation.Reason
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class GatedBackend(FakeBackend):
    """Decodes one step each time a test lets it."""

    gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(10_000))

    def decode(self, rows: list[Row], threads: int) -> None:
        self.gate.acquire()
        super().decode(rows, threads)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> GatedBackend:
    backend = GatedBackend(answer="hello world")
    monkeypatch.setattr(module, "load", lambda *_: backend)
    return backend


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("w1")
    yield worker
    for pk in list(worker.runners):
        worker.unload(pk)


@pytest.fixture
def in_background() -> Iterator[Callable[..., threading.Thread]]:
    started: list[threading.Thread] = []

    def start(work: Callable[..., object], *args: object) -> threading.Thread:
        def run() -> None:
            work(*args)
            connection.close()

        started.append(thread := threading.Thread(target=run))
        thread.start()
        return thread

    yield start
    for thread in started:
        thread.join(10)


def ask(user: User, model: AIModel, text: str = "hi", **parameters: Any) -> Generation:
    chat = [{"role": "user", "content": text}]
    return lifecycle.submit(user, model, Ask(chat), parameters, Generation.Source.API)


def tokens_in(run: Generation) -> str:
    return bytes(TokenLog.default().tokens(run.pk)).decode()


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen within 5 s")


def test_a_waiting_run_is_answered_logged_and_accounted(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)

    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.DONE, Reason.STOP)
    assert run.completion_tokens == len("hello world")
    assert run.created_at <= run.started_at <= run.first_token_at <= run.finished_at
    events = TokenLog.default().events(run.pk)
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Ended)
    text = "".join(event.text for event in events if isinstance(event, Tokens))
    assert text == "hello world"
    assert UsageLog.objects.get().output_tokens == len(tokens_in(run))


def test_a_stop_string_ends_the_answer_before_it(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, stop=["o w"])

    worker.serve(model)

    assert TokenLog.default().text(run.pk) == "hell"
    run.refresh_from_db()
    assert run.reason == Reason.STOP


def test_the_answer_ends_at_its_limit(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, max_tokens=5)

    worker.serve(model)

    run.refresh_from_db()
    assert (run.reason, run.completion_tokens) == (Reason.LENGTH, 5)


def test_a_stop_ends_a_running_answer_and_keeps_its_text(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
) -> None:
    backend.gate = threading.Semaphore(4)
    run = ask(alice, model)
    serving = in_background(worker.serve, model)
    wait_until(lambda: len(tokens_in(run)) == 4)

    worker.stop(run.pk)
    backend.gate.release()
    serving.join(5)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.CANCELLED)
    assert tokens_in(run) in ("hell", "hello")


def test_an_answer_that_takes_too_long_ends_and_keeps_its_text(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    settings: Any,
    in_background: Callable[..., threading.Thread],
) -> None:
    settings.GENERATION_TIMEOUT *= 0.0003
    backend.gate = threading.Semaphore(3)
    run = ask(alice, model)
    serving = in_background(worker.serve, model)
    wait_until(lambda: bool(worker.runners) and backend.gate._value == 0)
    threading.Event().wait(0.3)
    backend.gate.release()
    serving.join(5)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.DEADLINE)
    assert tokens_in(run).startswith("hel")


def test_a_worker_that_closes_hands_over_and_the_next_goes_on_from_the_last_token(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
) -> None:
    backend.gate = threading.Semaphore(4)
    run = ask(alice, model)
    serving = in_background(worker.serve, model)
    wait_until(lambda: len(tokens_in(run)) == 4)
    worker.hand_over()
    backend.gate.release()
    serving.join(5)
    run.refresh_from_db()
    assert run.status == Status.QUEUED

    backend.gate = threading.Semaphore(10_000)
    Worker("w2").serve(model)

    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.DONE, 2)
    assert TokenLog.default().text(run.pk) == tokens_in(run) == "hello world"
    assert UsageLog.objects.get().output_tokens == len("hello world")


def test_a_run_whose_worker_died_goes_on_and_the_dead_one_cannot_interfere(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)
    dead = queue.claim(model.pk, "dead")
    assert dead
    log = TokenLog.default()
    log.write([(run.pk, Started("1-0")), (run.pk, Tokens("1-3", tuple(b"hel"), "hel"))])
    queue.give_back(run.pk, 1)

    worker.serve(model)

    assert log.text(run.pk) == "hello world"
    assert log.write([(run.pk, Tokens("1-4", tuple(b"X"), "X"))]) == {run.pk}
    run.refresh_from_db()
    assert run.completion_tokens == len("hello world")


def test_a_run_that_was_complete_when_its_worker_died_gets_no_more(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, max_tokens=3)
    queue.claim(model.pk, "dead")
    TokenLog.default().write([(run.pk, Tokens("1-3", tuple(b"hel"), "hel"))])
    queue.give_back(run.pk, 1)

    worker.serve(model)

    run.refresh_from_db()
    assert (run.reason, run.completion_tokens) == (Reason.LENGTH, 3)


@contextmanager
def redis_that_takes_nothing() -> Iterator[None]:
    """As when its memory or its disk is full: it is there, and refuses to write."""
    connection = redis.Redis.from_url(settings.REDIS_URL)
    connection.config_set("min-replicas-to-write", 1)
    try:
        yield
    finally:
        connection.config_set("min-replicas-to-write", 0)


def test_tokens_wait_for_a_redis_that_takes_nothing(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher, "RETRY_SECONDS", 0.01)
    backend.gate = threading.Semaphore(1)
    run = ask(alice, model)
    serving = in_background(worker.serve, model)
    wait_until(lambda: len(tokens_in(run)) == 1)
    with redis_that_takes_nothing():
        backend.gate.release(3)
        wait_until(lambda: backend.gate._value == 0)

    backend.gate.release(1000)
    serving.join(5)

    run.refresh_from_db()
    assert run.status == Status.DONE
    assert tokens_in(run) == "hello world"


def test_a_run_that_cannot_begin_without_redis_waits_for_it(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    worker.runner(model)
    run = ask(alice, model)
    with redis_that_takes_nothing():
        worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.QUEUED, 1)
    worker.serve(model)
    run.refresh_from_db()
    assert run.status == Status.DONE


def test_a_run_that_begins_while_its_worker_closes_is_handed_over(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claim = queue.claim

    def claim_just_before_the_end(*args: Any, **options: Any) -> Generation | None:
        claimed = claim(*args, **options)
        worker.hand_over()
        return claimed

    monkeypatch.setattr(queue, "claim", claim_just_before_the_end)
    backend.gate = threading.Semaphore(1)
    threading.Timer(0.2, backend.gate.release, [1]).start()
    run = ask(alice, model)

    worker.serve(model)

    run.refresh_from_db()
    assert run.status == Status.QUEUED
    assert len(tokens_in(run)) < len("hello world")


def test_a_run_that_kills_its_workers_again_and_again_fails(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)
    Generation.objects.filter(pk=run.pk).update(attempt=5)
    TokenLog.default().write([(run.pk, Tokens("5-2", (104, 105), "hi"))])

    worker.serve(model)

    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert run.completion_tokens == 2
    assert "several times" in run.error


def test_a_message_too_long_for_the_model_fails_with_its_size(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, "x" * 200)

    worker.serve(model)

    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "205 tokens" in run.error
    assert UsageLog.objects.get().status == Status.FAILED


def test_a_model_that_cannot_be_loaded_fails_its_runs_with_the_reason(
    alice: User, model: AIModel, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise LoadError("The file is broken.")

    monkeypatch.setattr(module, "load", refuse)
    run = ask(alice, model)

    worker.serve(model)

    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "The file is broken." in run.error
    assert presence.model_state(model.pk).state == "failed"


def test_a_failing_step_fails_its_run_and_the_next_is_answered(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.poison = ord("!")
    first, second = ask(alice, model, "hi!"), ask(alice, model)

    worker.serve(model)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.FAILED, Status.DONE)


def test_a_run_may_not_take_longer_because_it_lost_its_worker(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)
    long_ago = timezone.now() - settings.GENERATION_TIMEOUT
    Generation.objects.filter(pk=run.pk).update(attempt=1, started_at=long_ago)
    backend.gate = threading.Semaphore(3)

    threading.Timer(0.5, backend.gate.release, [1000]).start()
    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.DEADLINE)
    assert run.completion_tokens < len("hello world")
    assert UsageLog.objects.get().output_tokens == run.completion_tokens


def test_what_was_reused_of_a_prompt_is_accounted(
    alice: User, bob: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    first, again = ask(alice, model, "a long question"), ask(alice, model, "a long question")
    others = ask(bob, model, "a long question")

    worker.serve(model)

    for run in (first, again, others):
        run.refresh_from_db()
    assert first.prompt_tokens == again.prompt_tokens == len("u:a long question\na:")
    assert (first.cached_tokens, again.cached_tokens) == (0, first.prompt_tokens - 1)
    assert others.cached_tokens == 0
    assert UsageLog.objects.get(generation=again).cached_tokens == again.cached_tokens


def test_the_system_prompt_of_a_model_is_read_once_for_everybody(
    alice: User, bob: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    model.system_prompt = "You are a pirate, and speak so."
    model.save()
    first, second = ask(alice, model, "hi"), ask(bob, model, "hi")

    worker.serve(model)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.cached_tokens, second.cached_tokens) == (0, len("s:\nu:" + model.system_prompt))


def test_a_worker_that_starts_anew_goes_on_from_what_the_last_one_had_computed(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    first = ask(alice, model, "a long question")
    worker.serve(model)
    worker.close()
    backend.held.clear()
    again = ask(alice, model, "a long question")

    successor = Worker("w2")
    successor.serve(model)
    successor.close()

    first.refresh_from_db()
    again.refresh_from_db()
    assert again.status == Status.DONE
    assert again.cached_tokens == first.prompt_tokens - 1


def test_an_answer_follows_its_grammar(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, grammar='root ::= "help" | "her"')

    worker.serve(model)

    assert TokenLog.default().text(run.pk) == "help"


def test_a_worker_takes_no_more_runs_than_it_has_slots(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
) -> None:
    backend.slots = 2
    backend.gate = threading.Semaphore(0)
    runs = [ask(alice, model) for _ in range(3)]
    for _ in runs:
        in_background(worker.serve, model)
    running = Generation.objects.filter(status=Status.RUNNING)
    wait_until(lambda: running.count() == 2)

    assert Generation.objects.filter(status=Status.QUEUED).count() == 1
    backend.gate.release(1000)
    wait_until(lambda: Generation.objects.filter(status=Status.DONE).count() == 3)


def test_a_newcomer_is_answered_although_somebody_else_takes_all_slots(
    alice: User,
    bob: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
) -> None:
    backend.slots = 2
    backend.gate = threading.Semaphore(0)
    for _ in range(2):
        ask(alice, model)
        in_background(worker.serve, model)
    running = Generation.objects.filter(status=Status.RUNNING)
    wait_until(lambda: running.count() == 2)
    ask(alice, model)
    newcomer = ask(bob, model, "hello", max_tokens=1)
    in_background(worker.serve, model)
    wait_until(lambda: running.count() == 3)

    def is_done() -> bool:
        backend.gate.release()
        newcomer.refresh_from_db()
        return newcomer.status == Status.DONE

    wait_until(is_done)

    assert running.filter(user=alice).exists()
    backend.gate.release(1000)
    wait_until(lambda: Generation.objects.filter(status=Status.DONE).count() == 4)


def test_where_everybody_has_one_answer_a_newcomer_waits_in_line(
    alice: User, bob: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.slots = 1
    runner = worker.runner(model)
    assert runner
    backend.gate = threading.Semaphore(0)
    own = ask(alice, model)
    serving = threading.Thread(target=worker.serve, args=[model])
    serving.start()
    wait_until(lambda: len(runner.runs) == 1)
    newcomer = ask(bob, model)

    worker.serve(model)

    newcomer.refresh_from_db()
    assert newcomer.status == Status.QUEUED
    backend.gate.release(1000)
    serving.join(10)
    own.refresh_from_db()
    newcomer.refresh_from_db()
    assert own.status == newcomer.status == Status.DONE


def test_the_state_of_a_model_is_known_everywhere(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    assert presence.model_state(model.pk).state == "absent"

    worker.runner(model)

    assert presence.model_state(model.pk).state == "ready"
    assert [seen.name for seen in presence.workers()] == ["w1"]


def test_a_worker_that_has_left_does_not_come_back_while_it_closes(
    model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    worker.runner(model)
    presence.leave("w1")

    worker.close()

    assert presence.workers() == []


def test_a_changed_model_is_loaded_anew(
    model: AIModel, worker: Worker, backend: GatedBackend, tmp_path: Path
) -> None:
    before = worker.runner(model)
    assert worker.runner(model) is before

    model.context_window = 4096

    assert worker.runner(model) is not before


def test_a_model_that_takes_long_to_load_does_not_hold_up_the_others(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    monkeypatch: pytest.MonkeyPatch,
    in_background: Callable[..., threading.Thread],
) -> None:
    worker.runner(model)
    big = AIModel.objects.create(name="big", provider=model.provider, path="big.gguf")
    loading, loaded = threading.Event(), threading.Event()

    def take_long(*_: object) -> GatedBackend:
        loading.set()
        assert loaded.wait(10)
        return GatedBackend()

    monkeypatch.setattr(module, "load", take_long)
    in_background(worker.runner, big)
    assert loading.wait(10)
    run = ask(alice, model)

    worker.serve(model)
    loaded.set()

    run.refresh_from_db()
    assert run.status == Status.DONE


def test_a_grammar_that_the_model_cannot_follow_fails_its_run_with_the_reason(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)
    Generation.objects.filter(pk=run.pk).update(parameters=run.parameters | {"grammar": "?"})

    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.FAILED, Reason.GRAMMAR)
    assert "grammar" in run.error


def test_the_next_turn_reads_an_answer_in_the_tokens_it_was_written_in(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.vocabulary.tokenize = lambda text: list(text.upper().encode())  # type: ignore
    chat = [{"role": "user", "content": "A LONG QUESTION"}]
    first = lifecycle.submit(alice, model, Ask(chat), {}, Generation.Source.API)
    worker.serve(model)
    chat += [{"role": "assistant", "content": "hello world"}, {"role": "user", "content": "AND?"}]
    second = lifecycle.submit(alice, model, Ask(chat), {}, Generation.Source.API)

    worker.serve(model)

    first.refresh_from_db()
    second.refresh_from_db()
    answered = first.prompt_tokens + len("hello world")
    assert second.cached_tokens in (answered, answered + len("\nU:"))  # read ahead, if in time


def test_a_template_that_refuses_what_nobody_asked_yet_does_no_harm(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    render = backend.vocabulary.render

    def refuse_answers(messages: list[dict[str, str]]) -> str:
        assert all(message["role"] == "user" for message in messages)
        return render(messages)

    backend.vocabulary.render = refuse_answers  # type: ignore[method-assign]
    for _ in range(2):
        run = ask(alice, model)
        worker.serve(model)
        run.refresh_from_db()
        assert run.status == Status.DONE
    [(_shape, runner)] = worker.runners.values()
    assert not runner.is_broken
