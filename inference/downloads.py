"""Downloads of models that go on in the background, in a worker.

Starting one is a message to the workers; what comes of it is read from Redis. A file is fetched
by one process at a time, so starting it twice does no harm, and what a worker leaves unfinished
goes on where it was when a worker starts again.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import redis
from celery import current_app, shared_task
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.shared_redis import shared_redis
from inference.gguf import GGUFError
from inference.hub import BeingFetched, HubError, destination, fetch
from inference.models import AIModel
from inference.registry import LONGEST_NAME, only_demos, register, stored_path

logger = logging.getLogger(__name__)

TASK = "inference.download"
QUEUE = "downloads"
KEY = "parley:downloads"
LIFETIME_SECONDS = 7 * 24 * 3600
REPORT_SECONDS = 1.0
PAUSES = (5, 30, 120, 600, 1800)
"""Seconds before each new try after a failure that may pass."""

State = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True)
class DownloadState:
    repo: str
    filename: str
    name: str
    """Of the model that it will be."""
    state: State = "waiting"
    there: int = 0
    total: int = 0
    """Bytes; 0 while unknown."""
    error: str = ""
    """Of a failed one, or why a waiting one waits."""
    updated_at: float = 0.0

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return self.there / self.total if self.total else 0.0

    @property
    def id(self) -> str:
        return f"{self.repo}/{self.filename}"


def start_download(repo: str, filename: str, name: str = "") -> DownloadState:
    """Have a worker fetch and register the file; one that is under way is joined.

    Raises HubError for a name that can't be, and when no worker can be told.
    """
    destination(repo, filename)
    wanted = DownloadState(repo, filename, name or model_name(filename))
    known = next((state for state in download_states() if state.id == wanted.id), None)
    if known and known.state == "running" and time.time() - known.updated_at < 10 * REPORT_SECONDS:
        return known
    _tell_workers(wanted)
    return _report(replace(known or wanted, state="waiting", error=""))


def download_states() -> list[DownloadState]:
    """All of the last days, the latest news first. Empty when Redis is away."""
    try:
        reports: dict[str, str] = shared_redis().hgetall(KEY)  # type: ignore[assignment]
    except redis.RedisError:
        return []
    states = [DownloadState(**json.loads(report)) for report in reports.values()]
    return sorted(states, key=lambda state: -state.updated_at)


def start_configured() -> None:
    """What MODEL_REPO and MODEL_FILENAME name, if it is not there, and what was left unfinished."""
    for repo, filename, name in _outstanding():
        try:
            start_download(repo, filename, name)
        except HubError as error:
            logger.error("the download of %s from %s did not start: %s", filename, repo, error)


def model_name(filename: str) -> str:
    """A model's name from its file's: letters, digits, hyphens and underscores."""
    stem = filename.rsplit("/", 1)[-1].removesuffix(".gguf")
    return re.sub(r"[^a-zA-Z0-9_]+", "-", stem).strip("-")[:LONGEST_NAME].lower() or "model"


def register_once(name: str, file: Path) -> None:
    """A model that has this file already stays as an admin may have changed it. The first real
    model becomes the default."""
    if AIModel.objects.filter(path=stored_path(file)).exists():
        return
    if AIModel.objects.filter(name=name).exists():
        raise ValidationError(_("There is a model %(name)s already."), params={"name": name})
    register(name, file, default=only_demos())


@shared_task(name=TASK)
def download(repo: str, filename: str, name: str) -> None:
    """In a thread of its own that ends with the process: a worker that is told to end would wait
    for a task, and a download may take hours."""
    threading.Thread(target=run, args=[DownloadState(repo, filename, name)], daemon=True).start()


def run(state: DownloadState) -> None:
    try:
        _run(state)
    except BeingFetched:
        pass
    finally:
        connections.close_all()


def _run(state: DownloadState) -> None:
    try:
        file = _fetch_patiently(state)
        register_once(state.name, file)
    except (HubError, GGUFError, ValidationError, OSError) as error:
        message = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        logger.error("the download of %s failed: %s", state.id, message)
        _report(replace(state, state="failed", error=message))
    else:
        size = file.stat().st_size
        logger.info("downloaded %s (%d bytes)", state.id, size)
        _report(replace(state, state="done", there=size, total=size))


def _fetch_patiently(state: DownloadState) -> Path:
    reporter = _Reporter(state)
    for pause in PAUSES:
        try:
            return fetch(state.repo, state.filename, reporter)
        except HubError as error:
            if not error.may_pass:
                raise
            logger.warning("%s; trying %s again in %d s", error, state.id, pause)
            _report(replace(reporter.state, state="waiting", error=str(error)))
            time.sleep(pause)
    return fetch(state.repo, state.filename, reporter)


class _Reporter:
    def __init__(self, state: DownloadState) -> None:
        self.state = state

    def __call__(self, there: int, total: int) -> None:
        is_due = time.time() - self.state.updated_at >= REPORT_SECONDS
        if is_due or self.state.state != "running":
            self.state = _report(replace(self.state, state="running", there=there, total=total))


def _outstanding() -> Iterator[tuple[str, str, str]]:
    repo, filename = settings.MODEL_REPO, settings.MODEL_FILENAME
    if repo and filename and not _is_there(repo, filename):
        yield repo, filename, ""
    for state in download_states():
        if state.state in ("waiting", "running") and state.id != f"{repo}/{filename}":
            yield state.repo, state.filename, state.name


def _is_there(repo: str, filename: str) -> bool:
    try:
        file = destination(repo, filename)
    except HubError:
        return False  # starting it says what is wrong
    return file.exists() and AIModel.objects.filter(path=stored_path(file)).exists()


def _tell_workers(state: DownloadState) -> None:
    arguments = [state.repo, state.filename, state.name]
    try:
        current_app.send_task(TASK, arguments, queue=QUEUE, retry=False)
    except OperationalError:
        raise HubError(_("The workers can't be reached just now."), may_pass=True) from None


def _report(state: DownloadState) -> DownloadState:
    """A download does not need Redis; only its news do."""
    state = replace(state, updated_at=time.time())
    try:
        shared_redis().hset(KEY, state.id, json.dumps(asdict(state)))
        shared_redis().expire(KEY, LIFETIME_SECONDS)
    except redis.RedisError:
        pass
    return state
