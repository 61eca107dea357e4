"""Where a run stands in line, and about how long it still has to wait."""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from channels.db import database_sync_to_async
from django.db.models import Avg
from django.utils import timezone

from inference import presence
from inference.models import AIModel, Generation, UsageLog
from inference.presence import ModelState
from inference.queue import fair_order

LINE_SECONDS = 1.0
"""So long a line that was looked at is taken to be still the same."""
PACE_RUNS = 32
"""So many of the last runs tell how long one takes."""
PACE_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """Position 1 is next; 0: it does not wait any more. The wait is estimated, in seconds; None
    while nothing of the model's runs, or none has ended lately."""

    position: int
    seconds: float | None


@dataclass(frozen=True)
class Line:
    """The waiting runs of a model at one moment, and what they wait for."""

    positions: dict[UUID, int]
    pace: float | None
    """Seconds from one run's beginning to the next one's, if that is known."""
    state: ModelState
    has_workers: bool
    has_file: bool
    """Whether any of them has the model's."""
    seen_at: float
    """In seconds, by the monotonic clock."""

    def place(self, generation: Generation) -> Place:
        position = self.positions.get(generation.pk, 0)
        return Place(position, self.pace * position if self.pace and position else None)


_lines: dict[int, Line] = {}
_looking = threading.Lock()


def place(generation: Generation) -> Place:
    """Where a run stands in line."""
    return line_of(generation).place(generation)


async def aplace(generation: Generation) -> Place:
    return (await aline_of(generation)).place(generation)


def line_of(generation: Generation) -> Line:
    """The line that a run stands in, as it was at most LINE_SECONDS ago: all that wait in this
    process share one look at it. A line that was seen before the run came is looked at again."""
    if known := _known_line(generation):
        return known
    with _looking:
        return _known_line(generation) or _look(generation.model_id)


async def aline_of(generation: Generation) -> Line:
    """As `line_of`; mostly it needs no thread and no query."""
    return _known_line(generation) or await database_sync_to_async(line_of)(generation)


def pace(model_id: int) -> float | None:
    """Where `n` runs are worked on at once and one takes `t` seconds, one ends, and the next one
    begins, every `t / n` seconds (Little's law). None while none runs, or none has ended lately."""
    at_once = Generation.objects.filter(model_id=model_id, status=Generation.Status.RUNNING).count()
    lately = UsageLog.objects.filter(
        model_id=model_id, created_at__gt=timezone.now() - PACE_WINDOW, duration__gt=0
    )
    latest = lately.order_by("-created_at").values("duration")[:PACE_RUNS]
    seconds: float | None = latest.aggregate(mean=Avg("duration"))["mean"]
    return seconds / at_once if seconds and at_once else None


def _known_line(generation: Generation) -> Line | None:
    known = _lines.get(generation.model_id)
    if known is None or generation.pk not in known.positions:
        return None
    return known if time.monotonic() - known.seen_at < LINE_SECONDS else None


def _look(model_id: int) -> Line:
    seen_at = time.monotonic()
    waiting = fair_order(model_id).values_list("pk", flat=True)
    workers = presence.workers()
    _lines[model_id] = line = Line(
        positions={pk: number for number, pk in enumerate(waiting, start=1)},
        pace=pace(model_id),
        state=presence.model_states(workers).get(model_id, ModelState()),
        has_workers=bool(workers),
        has_file=not presence.is_lacked(AIModel.objects.get(pk=model_id), workers),
        seen_at=seen_at,
    )
    return line
