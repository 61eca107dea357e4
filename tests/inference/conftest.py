import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from inference.worker import worker as module
from inference.worker.worker import Worker
from tests.inference.hub_server import CONTENT, FILENAME, REPO, Hub, hub_server, point_at
from tests.inference.working import GatedBackend


@pytest.fixture
def models_dir(tmp_path: Path, settings: Any) -> Path:
    settings.MODELS_DIR = tmp_path / "models"
    return tmp_path / "models"


@pytest.fixture
def hub(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Has one file; what is downloaded goes to models_dir."""
    with hub_server() as hub:
        hub.files[f"{REPO}/{FILENAME}"] = CONTENT
        point_at(hub.url, monkeypatch)
        yield hub


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
