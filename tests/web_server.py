"""A real web process on the database of the tests, without a worker."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from django.conf import settings
from django.db import connection

from tests.platform import free_port


@contextmanager
def web_server() -> Iterator[str]:
    """Its address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "daphne", "-p", str(port), "chatsite.asgi:application"],
        env=os.environ | {"DATABASE_URL": _database_url()},
        cwd=settings.BASE_DIR,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + 30
        while not _answers(url):
            assert time.monotonic() < end
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz").is_success
    except httpx2.TransportError:
        return False


def _database_url() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    user = f"{found['USER']}:{found['PASSWORD']}".rstrip(":")
    return f"postgres://{user}@{found['HOST']}:{found['PORT'] or 5432}/{found['NAME']}"
