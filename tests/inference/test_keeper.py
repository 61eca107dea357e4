"""The worker's rounds, a turn at a time."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone

from accounts.models import APIKey, User
from inference import loading, presence, queue
from inference.engine.prefix import Prefix
from inference.engine.state_files import StateFolder
from inference.models import AIModel, Generation
from inference.state_paths import states_folder
from inference.worker.keeper import Keeper
from inference.worker.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Consumer:
    """Stands for Celery's, which does what it is told in its own loop."""

    queues: set[str] = field(default_factory=set)

    @property
    def task_consumer(self) -> "Consumer":
        return self

    def consuming_from(self, name: str) -> bool:
        return name in self.queues

    def call_soon(self, do: Callable[[str], None], name: str) -> None:
        do(name)

    def add_task_queue(self, name: str) -> None:
        assert name not in self.queues
        self.queues.add(name)

    def cancel_task_queue(self, name: str) -> None:
        self.queues.remove(name)


@pytest.fixture
def consumer() -> Consumer:
    return Consumer()


@pytest.fixture
def keeper(consumer: Consumer) -> Keeper:
    return Keeper(Worker("w1"), consumer)


@pytest.fixture
def file(model: AIModel, tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.touch()
    model.path = str(path)
    model.save()
    return path


def test_a_worker_serves_the_models_whose_files_it_has(
    keeper: Keeper, consumer: Consumer, model: AIModel, file: Path
) -> None:
    AIModel.objects.create(name="elsewhere", provider=model.provider, path="/nowhere.gguf")

    keeper.round()
    assert consumer.queues == {model.queue}

    keeper.round()
    assert consumer.queues == {model.queue}

    consumer.queues.clear()  # a new connection
    keeper.round()
    assert consumer.queues == {model.queue}

    model.is_active = False
    model.save()
    keeper.round()
    assert consumer.queues == set()


def test_waiting_work_whose_permit_was_lost_is_announced_again(
    keeper: Keeper, model: AIModel, file: Path, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[tuple[AIModel, int]] = []
    monkeypatch.setattr(queue, "announce", lambda *what: announced.append(what))
    keeper.round()
    assert announced == [(model, 0)]
    announced.clear()

    Generation.objects.create(user=alice, model=model)
    Generation.objects.create(user=alice, model=model)
    keeper.round()

    assert announced == [(model, 2)]


def test_claims_are_kept_alive_and_those_of_the_dead_return_to_the_queue(
    keeper: Keeper, model: AIModel, alice: User
) -> None:
    soon = timezone.now() + timedelta(seconds=1)
    past = timezone.now() - timedelta(seconds=1)
    running = {"user": alice, "model": model, "status": Generation.Status.RUNNING, "attempt": 1}
    mine = Generation.objects.create(**running, lease_until=soon)
    orphan = Generation.objects.create(**running, lease_until=past)
    keeper.worker.claims[mine.pk] = 1

    keeper.round()

    mine.refresh_from_db()
    orphan.refresh_from_db()
    assert mine.lease_until and mine.lease_until > soon
    assert orphan.status == Generation.Status.QUEUED


def test_a_stop_whose_notice_was_lost_is_found_in_the_row(
    keeper: Keeper, model: AIModel, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[object] = []
    monkeypatch.setattr(keeper.worker, "stop", stopped.append)
    run = Generation.objects.create(
        user=alice, model=model, status=Generation.Status.RUNNING, stop_requested=True
    )
    keeper.worker.claims[run.pk] = 1

    keeper.round()

    assert stopped == [run.pk]


def test_what_goes_on_for_a_key_that_was_revoked_is_stopped(
    keeper: Keeper, model: AIModel, alice: User
) -> None:
    key, _secret = APIKey.objects.issue(alice, "laptop")
    run = Generation.objects.create(
        user=alice, model=model, status=Generation.Status.RUNNING, api_key=key
    )
    keeper.round()
    run.refresh_from_db()
    assert not run.stop_requested

    APIKey.objects.filter(pk=key.pk).revoke()
    keeper.round()

    run.refresh_from_db()
    assert run.stop_requested


def test_a_worker_tells_which_models_files_it_has(
    keeper: Keeper, model: AIModel, file: Path
) -> None:
    elsewhere = AIModel.objects.create(name="x", provider=model.provider, path="/nowhere.gguf")
    AIModel.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    keeper.worker.report()
    assert not _lacked(model) and not _lacked(elsewhere)  # as it has not looked yet

    keeper.round()
    assert (_lacked(model), _lacked(elsewhere)) == (False, True)

    new = AIModel.objects.create(name="new", provider=model.provider, path="/new.gguf")
    assert not _lacked(new)  # it may have come just now

    file.unlink()
    keeper.round()
    assert _lacked(model)


def _lacked(model: AIModel) -> bool:
    model.refresh_from_db()
    return presence.is_lacked(model, presence.workers())


def test_one_duty_that_fails_does_not_keep_the_others_from_being_done(
    keeper: Keeper, consumer: Consumer, model: AIModel, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("away")

    monkeypatch.setattr(queue, "recover", fail)

    keeper.round()

    assert consumer.queues == {model.queue}


@dataclass
class Loaded:
    """Stands for a model that is loaded: what the rounds look at."""

    runs: tuple[()] = ()
    kept_runs: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    step_seconds: float = 0.0
    is_broken: bool = False

    def forget(self, runs: set[str]) -> None:
        self.forgotten |= runs

    def close(self) -> None:
        pass


@pytest.fixture
def loaded(keeper: Keeper, model: AIModel, file: Path) -> Loaded:
    runner = Loaded()
    keeper.worker.runners[model.pk] = ("", 0, 0), runner  # type: ignore[assignment]
    return runner


def test_what_is_left_of_a_deleted_conversation_in_the_cache_goes(
    keeper: Keeper, loaded: Loaded, model: AIModel, alice: User
) -> None:
    kept, deleted = (Generation.objects.create(user=alice, model=model) for _ in range(2))
    loaded.kept_runs = {str(kept.pk), str(deleted.pk)}
    gone = str(deleted.pk)
    deleted.delete()

    keeper.round()

    assert loaded.forgotten == {gone}


def test_a_file_of_a_deleted_conversation_goes_whoever_wrote_it(
    keeper: Keeper, model: AIModel, alice: User
) -> None:
    kept, deleted = (Generation.objects.create(user=alice, model=model) for _ in range(2))
    tokens = np.arange(20, dtype=np.int32)
    # Of a model that no worker has loaded, and that may have been removed long ago.
    folder = StateFolder(states_folder() / "999", "another model", b"a secret")
    paths = [folder.write(Prefix(tokens, run=str(run.pk)), b"state") for run in (kept, deleted)]
    (states_folder() / "999" / "what is this.state").touch()
    deleted.delete()

    keeper.round()

    assert [path.exists() for path in paths] == [True, False]
    kept.delete()
    keeper.round()
    assert not paths[0].exists()


def test_a_worker_whose_engine_is_stuck_ends_so_that_its_runs_go_on_elsewhere(
    keeper: Keeper, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *what: ended.append(what))
    loaded.step_seconds = 60
    keeper.round()
    assert ended == []

    loaded.step_seconds = 200
    keeper.round()

    assert ended == [(os.getpid(), signal.SIGKILL)]


def test_a_worker_whose_engine_is_broken_ends_as_well(
    keeper: Keeper, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *what: ended.append(what))
    loaded.is_broken = True

    keeper.round()

    assert ended == [(os.getpid(), signal.SIGKILL)]


def test_it_hears_that_a_model_is_to_be_unloaded(
    keeper: Keeper, model: AIModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.worker.keeper.ROUND_SECONDS", 0.05)
    retired: list[int] = []
    heard = threading.Event()
    monkeypatch.setattr(keeper.worker, "retire", lambda pk: (retired.append(pk), heard.set()))
    listening = threading.Thread(target=keeper._hear_stops, daemon=True)
    listening.start()

    while not loading.stop(model):  # until it listens
        time.sleep(0.01)

    assert heard.wait(5)
    assert retired == [model.pk]
    keeper.close()
    listening.join(10)
