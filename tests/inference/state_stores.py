"""Stores of states that left the KV cache, and what is found in them."""

import threading
from pathlib import Path

import numpy as np

from inference.engine.prefix import Prefix
from inference.engine.states import StateStore

KB = 1 << 10
MB = 1 << 20


def store_at(
    folder: Path | None,
    ram: int = MB,
    disk: int = MB,
    fingerprint: str = "model.gguf f16",
    secret: bytes = b"a secret",
) -> StateStore:
    return StateStore(folder, ram, disk, fingerprint, secret)


def prefix(*tokens: int, owner: str = "alice", public: int = 0, run: str = "run") -> Prefix:
    return Prefix(np.array(tokens, np.int32), owner, public, run)


def found(store: StateStore, wanted: Prefix) -> tuple[int, bytes] | None:
    """How much `wanted` takes from which state."""
    longest = store.longest(wanted)
    if longest is None:
        return None
    loaded = store.load(longest[1])
    return loaded and (longest[0], loaded[1])


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def settle(store: StateStore) -> None:
    """Until the writer has nothing to do."""
    done = threading.Event()
    while store._backlog:
        done.wait(0.001)
