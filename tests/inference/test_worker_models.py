"""The models of a worker: loaded, changed, unloaded."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from accounts.models import User
from inference import presence, queue
from inference.engine.llama import LoadError
from inference.models import AIModel, Generation
from inference.worker import worker as module
from inference.worker.keeper import Keeper
from inference.worker.worker import Worker
from tests.inference.working import GatedBackend, UnderWay, ask, wait_until

Status = Generation.Status
pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_model_is_unloaded_when_its_answers_under_way_have_ended(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
    under_way: UnderWay,
) -> None:
    running, serving = under_way

    unloading = [in_background(worker.retire, model.pk) for _twice in range(2)]
    wait_until(lambda: presence.model_state(model.pk).state == "stopping")
    waiting = ask(alice, model)
    worker.serve(model)
    waiting.refresh_from_db()
    assert waiting.status == Status.QUEUED

    backend.gate.release(1000)
    for thread in [serving, *unloading]:
        thread.join(5)
    running.refresh_from_db()
    assert running.status == Status.DONE
    assert (worker.runners, presence.model_state(model.pk).state) == ({}, "absent")

    worker.serve(model)  # which loads it again
    waiting.refresh_from_db()
    assert waiting.status == Status.DONE


def test_a_late_permit_does_not_load_a_model_again(
    model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    worker.runner(model)
    worker.retire(model.pk)

    worker.serve(model)

    assert worker.runners == {}


def test_unloading_what_is_not_loaded_does_nothing(model: AIModel, worker: Worker) -> None:
    worker.retire(model.pk)

    assert presence.model_state(model.pk).state == "absent"


def miss_its_file(worker: Worker, model: AIModel) -> None:
    Keeper(worker, None)._unload_unusable(usable=set())


def change(worker: Worker, model: AIModel) -> None:
    model.context_window = 4096
    worker.runner(model)


@pytest.mark.parametrize("happen", [change, miss_its_file])
def test_a_run_that_was_just_claimed_keeps_its_model_loaded(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    monkeypatch: pytest.MonkeyPatch,
    in_background: Callable[..., threading.Thread],
    happen: Callable[[Worker, AIModel], None],
) -> None:
    claim = queue.claim

    def claim_just_before(*args: Any, **options: Any) -> Generation | None:
        claimed = claim(*args, **options)
        in_background(happen, worker, model)
        wait_until(lambda: presence.model_state(model.pk).state == "stopping")
        return claimed

    monkeypatch.setattr(queue, "claim", claim_just_before)
    run = ask(alice, model)

    worker.serve(AIModel.objects.get())

    run.refresh_from_db()
    assert run.status == Status.DONE


def test_an_idle_model_that_may_not_be_used_is_unloaded(
    model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    worker.runner(model)

    miss_its_file(worker, model)

    wait_until(lambda: (worker.runners, worker.states) == ({}, {}))


def test_a_model_that_many_ask_for_is_loaded_anew_once(
    model: AIModel,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    in_background: Callable[..., threading.Thread],
) -> None:
    loads: list[object] = []

    def note(*what: object) -> GatedBackend:
        loads.append(what)
        return GatedBackend()

    monkeypatch.setattr(module, "load", note)
    worker.runner(model)
    model.context_window = 4096

    for thread in [in_background(worker.runner, model) for _ in range(8)]:
        thread.join(5)

    assert len(loads) == 2


def test_many_wishes_to_unload_a_model_are_one(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
) -> None:
    """None waits for seats that another one has taken."""
    for _ in range(10):
        worker.runner(model)
        for thread in [in_background(worker.retire, model.pk) for _ in range(4)]:
            thread.join(5)
        assert (worker.runners, worker.states) == ({}, {})


def test_a_model_is_unloaded_while_redis_is_away(
    model: AIModel, worker: Worker, backend: GatedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_state: presence.WorkerState) -> None:
        raise redis.ConnectionError

    worker.runner(model)
    monkeypatch.setattr(presence, "report", refuse)

    worker.retire(model.pk)

    assert worker.runners == {}


def test_nothing_reads_a_model_that_is_freed(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
) -> None:
    """After an answer, the beginning of the chat's next turn is put in its tokens."""
    reading, read, freed = threading.Event(), threading.Event(), threading.Event()
    render = backend.vocabulary.render

    def take_long(messages: list[dict[str, Any]], tools: Any) -> str:
        if len(messages) > 1:
            reading.set()
            read.wait(5)
        return render(messages, tools)

    backend.vocabulary.render = take_long  # type: ignore[method-assign]
    backend.close = freed.set  # type: ignore[method-assign]
    ask(alice, model)
    worker.serve(model)
    assert reading.wait(5)

    unloading = in_background(worker.retire, model.pk)
    assert not freed.wait(0.2)

    read.set()
    unloading.join(5)
    assert freed.is_set()
