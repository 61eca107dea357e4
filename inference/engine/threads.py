"""How many threads compute a step: all cores on a quiet machine, fewer beside a busy neighbour.

Threads wait for each other many times in a step, so that one which is kept from its core holds up
all of them, and fewer threads may be faster. How many is found by trying.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_SECONDS = 1.0
CALM_SHARE = 0.7
"""Of the processor time that the threads of a step can get. On two cores they get 0.9 or more when
only web and Redis run beside them, and half when another process is busy."""
TRIAL_STEPS = 3
BETTER = 0.92
"""A number of threads is worth a change if its steps take at most this part of the time."""
PATIENCE_SECONDS = 4.0
"""Between two trials; doubled after each that brought nothing, up to MOST_PATIENCE_SECONDS."""
MOST_PATIENCE_SECONDS = 32.0
WEIGHT = 0.3

Clock = Callable[[], float]


@dataclass
class _Trial:
    count: int
    spent: float = 0.0
    expected: float = 0.0
    steps: int = 0


class Threads:
    def __init__(
        self, most: int, clock: Clock = time.monotonic, processor: Clock = time.process_time
    ) -> None:
        """`processor` tells the processor time of all threads of this process."""
        self._most = self._settled = most
        self._clock, self._processor = clock, processor
        self._usual: dict[int, float] = {}
        """Seconds of a step by its number of rows, with the settled number of threads."""
        self._trial: _Trial | None = None
        self._patience = PATIENCE_SECONDS
        self._next_trial = 0.0
        self._computing = 0.0
        self._processor_before = processor()

    @property
    def count(self) -> int:
        return self._trial.count if self._trial else self._settled

    def measured(self, rows: int, seconds: float) -> None:
        """A step with `count` threads took so long."""
        if self._most == 1:
            return
        if self._trial:
            self._try_on(self._trial, rows, seconds)
            return
        usual = self._usual.get(rows, seconds)
        self._usual[rows] = usual + WEIGHT * (seconds - usual)
        self._computing += seconds
        if self._computing >= WINDOW_SECONDS:
            self._look_around()

    def _look_around(self) -> None:
        processor = self._processor()
        share = (processor - self._processor_before) / (self._computing * self._settled)
        self._computing, self._processor_before = 0.0, processor
        if self._clock() < self._next_trial:
            return
        if share < CALM_SHARE and self._settled > 1:
            self._trial = _Trial(self._settled - 1)
        elif self._settled < self._most:
            self._trial = _Trial(self._settled + 1)

    def _try_on(self, trial: _Trial, rows: int, seconds: float) -> None:
        trial.steps += 1
        if rows in self._usual:
            trial.spent += seconds
            trial.expected += self._usual[rows]
        if trial.steps < TRIAL_STEPS:
            return
        self._trial = None
        self._computing, self._processor_before = 0.0, self._processor()
        if trial.expected and trial.spent < BETTER * trial.expected:
            self._settled = trial.count
            self._usual.clear()
            self._patience = PATIENCE_SECONDS
        else:
            self._patience = min(2 * self._patience, MOST_PATIENCE_SECONDS)
        self._next_trial = self._clock() + self._patience
