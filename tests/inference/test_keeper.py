"""The worker's rounds, a turn at a time."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from inference import queue
from inference.models import AIModel, Generation
from inference.worker.keeper import Keeper
from inference.worker.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Control:
    """Stands for Celery's remote control of this worker's consumers."""

    queues: set[str] = field(default_factory=set)

    def add_consumer(self, name: str, destination: list[str]) -> None:
        self.queues.add(name)

    def cancel_consumer(self, name: str, destination: list[str]) -> None:
        self.queues.discard(name)


@dataclass
class App:
    control: Control = field(default_factory=Control)


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def keeper(app: Any) -> Keeper:
    return Keeper(Worker("w1"), app)


@pytest.fixture
def file(model: AIModel, tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.touch()
    model.path = str(path)
    model.save()
    return path


def test_a_worker_serves_the_models_whose_files_it_has(
    keeper: Keeper, app: App, model: AIModel, file: Path
) -> None:
    AIModel.objects.create(name="elsewhere", provider=model.provider, path="/nowhere.gguf")

    keeper.round()
    assert app.control.queues == {model.queue}

    model.is_active = False
    model.save()
    keeper.round()
    assert app.control.queues == set()


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


def test_one_duty_that_fails_does_not_keep_the_others_from_being_done(
    keeper: Keeper, app: App, model: AIModel, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("away")

    monkeypatch.setattr(queue, "recover", fail)

    keeper.round()

    assert app.control.queues == {model.queue}
