"""Prepare everything and run the whole platform on this machine: what `make run` calls."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import BaseCommand, call_command

from accounts.setup import create_superuser_from_environment, setup_url_path
from chatsite.environment import BASE_DIR, text
from inference.demo import ensure_demo_models

# Fewer pools of memory per thread; numpy is not used for anything heavy here.
LEAN = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}


class Command(BaseCommand):
    help = "Prepares the database and the static files, and runs web, worker and Redis."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--prepare-only", action="store_true", help="do not run anything")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        collect_static()
        ensure_demo_models()
        create_superuser_from_environment()
        address = f"http://{settings.HOST}:{settings.PORT}"
        if path := setup_url_path():
            self.stdout.write(f"\nTo become admin, open once:\n  {address}{path}")
        if not options["prepare_only"]:
            self.stdout.write(f"\nParley starts at {address} (Ctrl-C stops it)\n")
            self.stdout.flush()
            run()


def collect_static() -> None:
    """Only when a source is newer than the last time: hashing and compressing take seconds."""
    stamp = settings.STATIC_ROOT / ".collected"
    newest = max(_changed_at(path) for path in _static_files())
    if not stamp.exists() or stamp.stat().st_mtime < newest:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.touch()


def _static_files() -> list[Path]:
    found = (storage.path(name) for f in finders.get_finders() for name, storage in f.list([]))
    return [Path(path) for path in found]


def _changed_at(path: Path) -> float:
    status = path.stat()
    return max(status.st_mtime, status.st_ctime)  # an installed file keeps its old mtime


def run() -> None:
    """Become the supervisor, so that Django's memory is freed."""
    names = ["web", "worker"] if text("REDIS_URL") else ["web", "worker", "redis"]
    environment = (
        LEAN
        | os.environ
        | {
            "HOST": settings.HOST,
            "PORT": str(settings.PORT),
            "LOG_LEVEL": settings.LOG_LEVEL,
            "PYTHONPATH": str(BASE_DIR),
        }
    )
    os.chdir(BASE_DIR)
    # By path, as importing the package would load Celery.
    supervisor = str(BASE_DIR / "chatsite" / "supervisor.py")
    os.execve(sys.executable, [sys.executable, supervisor, *names], environment)  # noqa: S606
