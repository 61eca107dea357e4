"""What was evicted from the KV cache, in RAM and then on disk; it survives the worker."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from inference.engine.prefix import Prefix, StateData
from inference.engine.state_files import StateFile, StateFolder, Untrusted

logger = logging.getLogger(__name__)

BACKLOG_SHARE = 4
"""One part in so many of the RAM may wait for the disk, beside what is kept there."""


@dataclass(eq=False)
class State:
    """In RAM, on disk, or both while it is written. What has neither is gone."""

    prefix: Prefix
    size: int
    """Bytes."""
    data: StateData | None = None
    file: StateFile | None = None
    waiting: bool = False
    """For its turn to be written."""


class StateStore:
    """States are computed for a prefix each; a sequence takes what it begins with from one.

    Both tiers drop what was used least recently. Any thread may call; the disk is written by a
    thread of the store's own, and no lock is held while it is read or written.
    """

    def __init__(
        self, folder: Path | None, ram_bytes: int, disk_bytes: int, fingerprint: str, secret: bytes
    ) -> None:
        """`fingerprint` tells what can read a state: model file, cache types, llama.cpp.

        Files in `folder`, which is this model's, are trusted by `secret`; others are deleted.
        """
        self._ram_bytes = ram_bytes
        self._disk_bytes = disk_bytes
        self._states: OrderedDict[State, None] = OrderedDict()
        """The least recently used first."""
        self._in_ram = self._on_disk = self._backlog = 0
        """Bytes; the backlog is on its way from the one to the other."""
        self._lock = threading.Lock()
        self._to_write: SimpleQueue[State | None] = SimpleQueue()
        self._is_failing = False
        self._folder = self._open(folder, fingerprint, secret)
        self._writer = threading.Thread(target=self._write_all, name="states", daemon=True)
        self._writer.start()

    def put(self, prefix: Prefix, data: StateData) -> None:
        """Keep a state, in place of those that it can do all for. Returns at once."""
        with self._lock:
            for state in list(self._states):
                if _replaces(state.prefix, prefix):
                    self._states.move_to_end(state)
                    return
                if _replaces(prefix, state.prefix):
                    self._drop(state)
            self._states[State(prefix, len(data), data)] = None
            self._in_ram += len(data)
            self._make_room()

    def longest(self, wanted: Prefix) -> tuple[int, State] | None:
        """The state that `wanted` may take most of its first tokens from, and how many; of
        several the shortest."""
        with self._lock:
            states = list(self._states)
        tokens = wanted.tokens
        most, best = 0, None
        for state in states:
            # One token tells of nearly all states that they are not better.
            least = most if best and len(state.prefix) < len(best.prefix) else most + 1
            if least > min(len(tokens), len(state.prefix)):
                continue
            if state.prefix.tokens[least - 1] != tokens[least - 1]:
                continue
            common = state.prefix.common(wanted)
            if common >= least:
                most, best = common, state
        return (most, best) if best else None

    def load(self, state: State) -> tuple[Prefix, StateData] | None:
        """None if it is gone, or is not what was written."""
        with self._lock:
            if state not in self._states:
                return None
            self._states.move_to_end(state)
            if state.data is not None:
                return state.prefix, state.data
            file = state.file
        try:
            if file and self._folder:
                return state.prefix, self._folder.read(file)
        except (OSError, Untrusted) as error:
            logger.info("a state is gone: %s", error)
        with self._lock:
            self._drop(state)
        return None

    def runs(self) -> set[str]:
        """Ids of the runs whose states are here."""
        with self._lock:
            return {state.prefix.run for state in self._states}

    def forget(self, runs: Container[str]) -> None:
        """Delete the states of these runs everywhere."""
        with self._lock:
            for state in [state for state in self._states if state.prefix.run in runs]:
                self._drop(state)

    def close(self) -> None:
        """Write what is only in RAM, the newest first; returns when that is done."""
        with self._lock:
            room = self._disk_bytes
            for state in reversed(self._states):
                room -= state.size
                if room >= 0 and not state.file and not state.waiting:
                    self._queue(state)
        self._to_write.put(None)
        self._writer.join()

    # With the lock held:

    def _make_room(self) -> None:
        """Move what was used least recently to the disk, until the rest fits in RAM."""
        for state in list(self._states):
            if self._in_ram <= self._ram_bytes:
                return
            if state.data is None or state.waiting:
                continue
            room = self._ram_bytes // BACKLOG_SHARE - self._backlog
            if self._folder and (state.size <= room or not self._backlog):
                self._queue(state)
            else:
                self._drop(state)

    def _queue(self, state: State) -> None:
        state.waiting = True
        self._in_ram -= state.size
        self._backlog += state.size
        self._to_write.put(state)

    def _drop(self, state: State) -> None:
        if state not in self._states:
            return
        del self._states[state]
        if state.file:
            self._on_disk -= state.size
            StateFolder.remove(state.file.path)
        elif not state.waiting:
            self._in_ram -= state.size

    def _trim_disk(self) -> None:
        for state in list(self._states):
            if self._on_disk <= self._disk_bytes:
                return
            if state.file:
                self._drop(state)

    # In the writer's thread:

    def _write_all(self) -> None:
        while state := self._to_write.get():
            file = self._write(state)
            with self._lock:
                self._backlog -= state.size
                state.waiting = False
                state.data = None
                if file and state in self._states:
                    state.file = file
                    self._on_disk += state.size
                    self._trim_disk()
                elif file:  # dropped meanwhile
                    StateFolder.remove(file.path)
                else:
                    self._states.pop(state, None)

    def _write(self, state: State) -> StateFile | None:
        data = state.data
        if not self._folder or data is None or state.size > self._disk_bytes:
            return None
        if state not in self._states:
            return None
        try:
            path = self._folder.write(state.prefix, data)
        except OSError as error:
            if not self._is_failing:
                logger.warning("states stay in RAM, as the disk takes none: %s", error)
            self._is_failing = True
            return None
        self._is_failing = False
        return StateFile(path, state.prefix, state.size)

    def _open(self, path: Path | None, fingerprint: str, secret: bytes) -> StateFolder | None:
        if path is None:
            return None
        try:
            folder = StateFolder(path, fingerprint, secret)
            files = folder.files()
        except OSError as error:
            logger.warning("states stay in RAM, as their folder can't be used: %s", error)
            return None
        for file in files:
            self._states[State(file.prefix, file.size, file=file)] = None
            self._on_disk += file.size
        self._trim_disk()
        return folder


def _replaces(longer: Prefix, shorter: Prefix) -> bool:
    """Whether whoever may take something from `shorter` may take it from `longer` as well."""
    return (
        len(longer) >= len(shorter)
        and longer.owner == shorter.owner
        and longer.public >= min(shorter.public, len(shorter))
        and longer.common(shorter) == len(shorter)
    )
