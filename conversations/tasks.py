"""What a worker does for conversations beside answering: it sweeps up what people deleted."""

import logging
import threading
import time
from typing import Any

from celery.signals import worker_ready
from django.db import DatabaseError, close_old_connections

from conversations.organising.deleting import sweep

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 15.0


@worker_ready.connect
def begin(**_: Any) -> None:
    """A clock of the worker's own, rather than messages with a delay: those are lost with their
    broker, and what came due while no worker ran is swept at its start."""
    threading.Thread(target=_keep_sweeping, name="sweeper", daemon=True).start()


def _keep_sweeping() -> None:
    while True:
        try:
            close_old_connections()
            sweep()
        except DatabaseError as error:
            logger.warning("cannot sweep: %s", error)
        except Exception:  # or nothing would be swept any more
            logger.exception("cannot sweep")
        time.sleep(SWEEP_SECONDS)
