"""Notes in a worker when each token was sampled, for the time from there to the browser.

A Django application, so that the platform needs no switch for it. What it adds to a token is a few
microseconds.
"""

import time
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings

FILE = "sampled"


class Probe(AppConfig):
    name = "bench.probe"

    def ready(self) -> None:
        from inference.engine.engine import Output

        made = Output.__init__
        log = (settings.DATA_DIR / FILE).open("a")

        def noted(output: Output, *arguments: Any, **named: Any) -> None:
            made(output, *arguments, **named)
            if output.token is not None:
                log.write(f"{output.sequence.run} {time.monotonic()}\n")
            if output.end is not None:
                log.flush()

        Output.__init__ = noted  # type: ignore[method-assign]


def sampled(data_dir: Path) -> dict[str, list[float]]:
    """Of each run, when its tokens were sampled: values of time.monotonic()."""
    times: dict[str, list[float]] = {}
    for line in (data_dir / FILE).read_text().splitlines():
        run, at = line.split()
        times.setdefault(run, []).append(float(at))
    return times
