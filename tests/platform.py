"""The whole platform, running as `make run` starts it: web, worker, Redis and the demo model."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2 as httpx

from tests import slow_model, thinking_model

ROOT = Path(__file__).parent.parent
ADMIN = ("admin@example.org", "the admin's password")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Platform:
    """One installation with its own data directory. Its database follows DATABASE_URL."""

    data_dir: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="parley-")))
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def api_key(self) -> str:
        """A key of the admin's."""
        client = httpx.Client(base_url=self.url, follow_redirects=True)
        _submit(client, "/accounts/login/", login=ADMIN[0], password=ADMIN[1])
        made = client.post(
            "/api/v1/keys",
            json={"name": "tests"},
            headers={"X-CSRFToken": client.cookies["csrftoken"]},
        )
        key: str = made.json()["key"]
        return key

    @property
    def log(self) -> str:
        return (self.data_dir / "log").read_text()

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "REDIS_URL": "",
            "SECRET_KEY": "platform",
            "LOG_LEVEL": "INFO",
            "CONN_MAX_AGE": "",
            "DJANGO_SUPERUSER_EMAIL": ADMIN[0],
            "DJANGO_SUPERUSER_PASSWORD": ADMIN[1],
            "DATABASE_URL": self._database(),
            **self.settings,
        }

    def start(self) -> None:
        """Returns when a message would be answered at once."""
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "start"],
            cwd=ROOT,
            env=self.environment,
            stdout=(self.data_dir / "log").open("a"),
            stderr=subprocess.STDOUT,
        )
        self.wait_until(lambda: httpx.get(f"{self.url}/readyz").status_code == 200)

    def add_slow_model(self) -> None:
        """One that never ends by itself, called `slow`; see tests/slow_model.py."""
        path = self.data_dir / "slow.gguf"
        slow_model.write(ROOT / "demo_model" / "parley-demo.gguf", path)
        self.manage("add_model", "slow", "--path", str(path))

    def add_thinking_model(self) -> None:
        """One that thinks before it answers, called `thinking`; see tests/thinking_model.py."""
        path = self.data_dir / "thinking.gguf"
        thinking_model.write(ROOT / "demo_model" / "parley-demo.gguf", path)
        self.manage("add_model", "thinking", "--path", str(path))

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)

    def ended(self, run: str, reason: str) -> bool:
        """Whether a worker has ended the run for that reason, as its log says."""
        return f"ending {UUID(run)} ({reason})" in self.log

    def kill_worker(self) -> None:
        """As a crash or the kernel's memory killer would end it."""
        for pid in self.pids("celery"):
            os.kill(pid, signal.SIGKILL)

    def pids(self, word: str) -> list[int]:
        listing = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True)
        rows = [line.split(None, 2) for line in listing.stdout.splitlines()[1:]]
        mine = [row for row in rows if int(row[1]) == self._process.pid]
        return [int(row[0]) for row in mine if word in row[2]]

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def wait_until(self, condition: Any, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except httpx.TransportError:
                pass
            assert self._process.poll() is None, self.log
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds} s:\n{self.log}")

    def sign_up(self, email: str, password: str = "a long password") -> httpx.Client:
        """A signed-in client of a new account."""
        client = httpx.Client(base_url=self.url, follow_redirects=True)
        _submit(client, "/accounts/signup/", email=email, password1=password)
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        return client

    def _database(self) -> str:
        """Where the suite runs on PostgreSQL, a database of this installation's own there."""
        if not (url := os.environ.get("DATABASE_URL")):
            return ""
        import psycopg

        name = re.sub(r"\W", "_", self.data_dir.name).lower()
        with psycopg.connect(url, autocommit=True) as server:
            known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not known.fetchone():
                server.execute(f'CREATE DATABASE "{name}"')
        return f"{url.rpartition('/')[0]}/{name}"


def _submit(client: httpx.Client, address: str, **form: str) -> None:
    form["csrfmiddlewaretoken"] = _csrf_token(client.get(address).text)
    assert client.post(address, data=form).url.path == "/"


def _csrf_token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, page
    return found[1]
