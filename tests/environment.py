"""Loaded by pytest before Django's settings: a data directory and a Redis of the tests' own."""

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="parley-tests-"))
(DATA_DIR / "static").mkdir()

os.environ.update(
    DATA_DIR=str(DATA_DIR),
    SECRET_KEY="tests",
    LOG_LEVEL="WARNING",
    CONN_MAX_AGE="0",  # the tests' database can't be dropped while a thread is connected to it
)
for name in ("REDIS_URL", "MODELS_DIR", "MODEL_REPO", "MODEL_FILENAME", "DEBUG", "HOST", "PORT"):
    os.environ[name] = ""

from chatsite import embedded_redis  # noqa: E402

_server = subprocess.Popen(embedded_redis.command(DATA_DIR))


@atexit.register
def clean_up() -> None:
    _server.kill()
    _server.wait()
    shutil.rmtree(DATA_DIR, ignore_errors=True)
    shutil.rmtree(embedded_redis.socket_path(DATA_DIR).parent, ignore_errors=True)
