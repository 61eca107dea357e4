"""The machine's memory, and arrays of numpy's that llama.cpp reads and writes."""

import ctypes
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.engine.llama.library import llama


def available_memory() -> int:
    """Bytes that can be used without swapping, the page cache counted in where Linux tells."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvail"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def pointer(array: npt.NDArray[Any], kind: Any) -> Any:
    return ctypes.cast(array.ctypes.data, ctypes.POINTER(kind))


class Batch:
    """A llama_batch whose arrays are numpy's, so that filling it needs no loop in ctypes."""

    def __init__(self, size: int) -> None:
        self._tokens = np.zeros(size, np.int32)
        self._positions = np.zeros(size, np.int32)
        self._ones = np.ones(size, np.int32)
        self._ids = np.zeros(size, np.int32)
        self._id_pointers = self._ids.ctypes.data + np.arange(size, dtype=np.uintp) * 4
        self._wanted = np.zeros(size, np.int8)
        self.struct = llama.llama_batch(
            0,
            pointer(self._tokens, ctypes.c_int32),
            None,
            pointer(self._positions, ctypes.c_int32),
            pointer(self._ones, ctypes.c_int32),
            pointer(self._id_pointers, ctypes.POINTER(ctypes.c_int32)),
            pointer(self._wanted, ctypes.c_int8),
        )

    def fill(
        self, tokens: list[int], positions: list[int], ids: list[int], wanted: list[bool]
    ) -> None:
        """A row for each token: its place in its sequence, that one's id, and whether what is
        computed of it is wanted."""
        count = len(tokens)
        self._tokens[:count] = tokens
        self._positions[:count] = positions
        self._ids[:count] = ids
        self._wanted[:count] = wanted
        self.struct.n_tokens = count
