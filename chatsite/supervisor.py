"""Runs the Procfile's processes as one: each is restarted when it dies, Ctrl-C ends all.

Plain Python without Django, as it stays in memory beside them.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

PROCFILE = Path(__file__).resolve().parent.parent / "Procfile"
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
HEALTHY_SECONDS = 30.0
"""A process that lived so long is restarted at once the next time."""
PATIENCE_SECONDS = 20.0
"""What they get to end in before they are killed."""


@dataclass
class Process:
    name: str
    command: str
    child: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    delay: float = FIRST_DELAY
    due_at: float = 0.0

    def tend(self) -> None:
        """Start it if it is due, notice if it has died."""
        now = time.monotonic()
        if self.child is None:
            if now >= self.due_at:
                self._start(now)
        elif (code := self.child.poll()) is not None:
            self.delay = FIRST_DELAY if now - self.started_at > HEALTHY_SECONDS else self.delay * 2
            self.delay = min(self.delay, LONGEST_DELAY)
            self.due_at = now + self.delay
            self.child = None
            say(f"{self.name} ended with code {code}; it starts again in {self.delay:.0f} s")

    def end(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()

    def wait(self, deadline: float) -> None:
        """Until it has ended; kills it at the deadline."""
        if self.child is None:
            return
        try:
            self.child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.child.kill()

    def _start(self, now: float) -> None:
        self.started_at = now
        # A session of its own, so that Ctrl-C reaches the supervisor alone.
        self.child = subprocess.Popen(self.command, shell=True, start_new_session=True)  # noqa: S602


class Supervisor:
    def __init__(self, processes: list[Process]) -> None:
        self.processes = processes
        self._ending = False

    def run(self) -> None:
        signal.signal(signal.SIGINT, self._end)
        signal.signal(signal.SIGTERM, self._end)
        while not self._ending:
            for process in self.processes:
                process.tend()
            time.sleep(0.2)
        self._end_all()

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        self._ending = True

    def _end_all(self) -> None:
        """Redis is there until those that need it have ended."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        for together in (
            [process for process in self.processes if process.name != "redis"],
            [process for process in self.processes if process.name == "redis"],
        ):
            for process in together:
                process.end()
            for process in together:
                process.wait(deadline)


def say(text: str) -> None:
    print(f"parley: {text}", flush=True)  # noqa: T201


def read_procfile(names: list[str]) -> list[Process]:
    lines = (line.partition(":") for line in PROCFILE.read_text().splitlines() if ":" in line)
    commands = {name.strip(): command.strip() for name, _, command in lines}
    return [Process(name, commands[name]) for name in commands if name in names]


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    Supervisor(read_procfile(sys.argv[1:])).run()
