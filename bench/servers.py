"""What is compared: each started with the same model and threads, and stopped again."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from bench.clients import SseStream
from bench.machine import cpu_seconds
from bench.page import Page
from tests.platform import Platform, free_port

MODEL_NAME = "bench"
PATIENCE_SECONDS = 120.0


class Server(Protocol):
    """Something that streams answers."""

    name: str

    def stream(self, reader: int = 0) -> SseStream:
        """A connection of one of several readers."""

    def stop(self) -> None: ...


class LlamaServer:
    """llama.cpp's own server. It knows no users, so all readers are the same to it."""

    def __init__(self, name: str, executable: Path, model: Path, *options: str) -> None:
        self.name = name
        self.options = options
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        threads = str(len(os.sched_getaffinity(0)))
        command = [str(executable), "-m", str(model), "--port", str(port), "-t", threads, *options]
        log = executable.parent / f"{name.replace(' ', '-')}.log"
        with log.open("w") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        _wait_for(f"{self._url}/health", self._process)
        with urllib.request.urlopen(f"{self._url}/props") as reply:
            self.slots = int(json.load(reply)["total_slots"])
            """How many answers it writes at once."""

    def stream(self, reader: int = 0) -> SseStream:
        return SseStream(self._url, MODEL_NAME)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class Parley:
    """The platform as `manage.py start` runs it, with its own data and Redis.

    `bench.settings` differ from the platform's by one application, bench/probe.py.
    """

    name = "Parley"

    def __init__(self, model: Path, readers: int) -> None:
        """`readers` people with a key, and as many with a page."""
        self._platform = Platform(
            settings={
                "DJANGO_SETTINGS_MODULE": "bench.settings",
                "LOG_LEVEL": "WARNING",
            }
        )
        self._platform.start()
        self._platform.manage("add_model", MODEL_NAME, "--path", str(model), "--default")
        self.change_model(writes_titles=False)  # the peers write no titles
        self._keys = self.ask("keys", *(f"reader{i}@example.org" for i in range(readers)))
        self.pages = [self._page(f"page{i}@example.org") for i in range(readers)]

    @property
    def data_dir(self) -> Path:
        return self._platform.data_dir

    def stream(self, reader: int = 0) -> SseStream:
        return SseStream(self._platform.url, MODEL_NAME, self._keys[reader])

    def change_model(self, **fields: object) -> None:
        self.ask("model", json.dumps(fields))

    def ask(self, *arguments: str) -> Any:
        """What bench/inside.py says."""
        command = [sys.executable, "-m", "bench.inside", *arguments]
        environment = self._platform.environment
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    def cpu_seconds(self) -> dict[str, float]:
        """What each part has used of the processor so far."""
        words = {"web": "daphne", "worker": "celery", "Redis": "redis"}
        return {part: cpu_seconds(self._platform.pids(word)) for part, word in words.items()}

    def stop(self) -> None:
        self._platform.stop()
        shutil.rmtree(self.data_dir)

    def _page(self, email: str) -> Page:
        client = self._platform.sign_up(email)
        return Page(self._platform.url, MODEL_NAME, email, dict(client.cookies))


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(url):
            return
        if process.poll() is not None:
            raise SystemExit(f"{process.args} ended with code {process.returncode}")
        time.sleep(0.1)
    raise SystemExit(f"{url} did not answer within {PATIENCE_SECONDS:.0f} s")
