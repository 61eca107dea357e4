import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from accounts.models import User
from inference.engine.grammar import Grammars
from inference.engine.llama import LlamaVocabulary, load
from inference.models import AIModel
from inference.worker import worker as module
from inference.worker.worker import Worker
from tests.inference.hub_server import CONTENT, FILENAME, REPO, Hub, hub_server, point_at
from tests.inference.working import GatedBackend, UnderWay, ask, tokens_in, wait_until


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


@pytest.fixture(scope="module")
def vocabulary() -> Iterator[LlamaVocabulary]:
    """Of the bundled model."""
    file = django_settings.DEMO_MODEL_DIR / "parley-demo.gguf"
    backend = load(file, 512, 1, 1, lambda _: None)
    yield backend.vocabulary
    backend.close()


@pytest.fixture(scope="module")
def grammars(vocabulary: LlamaVocabulary) -> Grammars:
    return Grammars(vocabulary)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> GatedBackend:
    backend = GatedBackend(answer="hello world")
    monkeypatch.setattr(module, "load", lambda *_: backend)
    return backend


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("w1")
    yield worker
    worker.close()


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


@pytest.fixture
def under_way(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
) -> UnderWay:
    backend.gate = threading.Semaphore(4)
    run = ask(alice, model)
    serving = in_background(worker.serve, model)
    wait_until(lambda: len(tokens_in(run)) == 4)
    return run, serving
