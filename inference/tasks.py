"""What Celery calls in a worker process."""

import sys
import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

from inference import downloads
from inference.loading import LOAD_TASK
from inference.models import AIModel
from inference.queue import SERVE_TASK

SWITCH_SECONDS = 0.0005
"""An engine that has computed a step gets the interpreter back so soon, whoever has it."""

_worker: Any = None
_keeper: Any = None


@shared_task(name=SERVE_TASK)
def serve(model_id: int) -> None:
    """A permit: this model has work."""
    model = AIModel.objects.usable().filter(pk=model_id).first()
    if model and _worker is not None:
        _worker.serve(model)


@shared_task(name=LOAD_TASK)
def load(model_id: int) -> None:
    """Before somebody asks for it."""
    model = AIModel.objects.usable().filter(pk=model_id).first()
    if model and _worker is not None:
        _worker.runner(model)


@worker_ready.connect
def begin(sender: Any, **_: Any) -> None:
    """Imported here, as web processes import this module and must not load llama.cpp."""
    from inference.worker.keeper import Keeper
    from inference.worker.worker import Worker

    global _worker, _keeper
    sys.setswitchinterval(SWITCH_SECONDS)
    _worker = Worker(sender.hostname)
    _keeper = Keeper(_worker, sender)
    _keeper.open()
    downloads.start_configured()
    preferred = AIModel.objects.preferred()
    if preferred and preferred.file.is_file():  # before the first message asks for it
        threading.Thread(target=_worker.runner, args=[preferred], daemon=True).start()


@worker_shutting_down.connect
def end(**_: Any) -> None:
    if _worker is not None:
        _worker.hand_over()
        _keeper.close()


@worker_shutdown.connect
def close(**_: Any) -> None:
    """All runs have been handed over by now."""
    if _worker is not None:
        _worker.close()
