"""What tests of a worker share."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from inference import lifecycle
from inference.ask import Ask
from inference.engine.backend import DecodeError
from inference.engine.rows import Row
from inference.models import AIModel, Generation
from inference.token_log import TokenLog
from tests.inference.fakes import FakeBackend

PATIENCE_SECONDS = 20.0
UnderWay = tuple[Generation, threading.Thread]
"""A run that has written four tokens of its answer and waits at the gate; what serves it."""


@dataclass
class GatedBackend(FakeBackend):
    """Decodes one step each time a test lets it; one that has failed does not hang on it."""

    gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(10_000))

    def decode(self, rows: list[Row], threads: int) -> None:
        if not self.gate.acquire(timeout=PATIENCE_SECONDS):
            raise DecodeError("no test has let it")
        super().decode(rows, threads)


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
