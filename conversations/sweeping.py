"""Clearing away what people deleted, in every worker and every web process: either may be alone.

Each has a clock of its own, rather than messages with a delay: those are lost with their broker.
What came due while nothing ran is swept at the start.
"""

import threading
import time
from typing import Any

from conversations.organising import deleting
from inference import duties, lifecycle, state_paths

SWEEP_SECONDS = 15.0


def begin(**_: Any) -> None:
    threading.Thread(target=_keep_sweeping, name="sweeper", daemon=True).start()


def sweep() -> None:
    """What runs without a worker is ended first, so that nothing of it is left to go later."""
    for duty in (lifecycle.end_stopped, deleting.sweep, state_paths.remove_deleted):
        duties.attempt(duty)


def _keep_sweeping() -> None:
    while True:
        sweep()
        time.sleep(SWEEP_SECONDS)
