"""The machine the bench runs on, and what processes use of it."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def description() -> str:
    """Processor, cores in use and memory, in a line."""
    fields = dict(
        map(str.strip, line.split(":", 1))
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if ":" in line
    )
    processor = fields.get("model name", platform.machine())
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{processor}, {cores} cores, {memory:.0f} GiB of memory"


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time used by processes and all that they started, in user mode and the kernel."""
    stats = {pid: _stat(pid) for pid in _running()}
    total, waiting = 0.0, list(pids)
    while waiting:
        pid = waiting.pop()
        total += (int(stats[pid][11]) + int(stats[pid][12])) / TICKS
        waiting += [child for child, stat in stats.items() if int(stat[1]) == pid]
    return total


@contextmanager
def busy_neighbour() -> Iterator[None]:
    """Another process that wants one core, all the time."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _running() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields after the name, from the state on; see proc(5). Zeros when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 20
