"""The KV cache: what ended sequences left in it, and who may begin there."""

from collections import OrderedDict
from collections.abc import Container, Iterable
from typing import Any, Protocol

from inference.engine.ledger import Ledger
from inference.engine.prefix import Prefix, StateData
from inference.engine.sequence import Sequence

LEAST_KEPT = 16
"""Tokens: less is computed anew as fast as it is looked for."""
LEAST_GAIN = 16
"""So many tokens make it worth loading a state, or waiting for another sequence's prompt."""
LONGEST_TAIL = 16
"""So much of what was kept is given up to take it over instead of branching off from it."""
MOST_KEPT = 256
"""Tokens that ended sequences leave in the cache while others run, if there is a store. Every step
looks past all cells in use: 2,000 of them make it slower by some 6 %, with one row or with 16. To
save 500 and load them again takes a tenth of one such step."""


class Memory(Protocol):
    """The backend's side of the cache. It counts positions, which are tokens, except after images
    in some models; see Sequence.position."""

    can_rewind: bool
    """Whether a sequence can be cut anywhere; a recurrent model's only as a whole."""

    def copy(self, source: int, target: int, end: int) -> None: ...

    def cut(self, id: int, end: int) -> None:
        """Forget what a sequence has from the position `end` on."""

    def save(self, id: int) -> StateData: ...

    def restore(self, id: int, state: StateData) -> bool: ...


class Store(Protocol):
    """Where states outlive their place in the cache."""

    def put(self, prefix: Prefix, data: StateData) -> None: ...

    def longest(self, wanted: Prefix) -> tuple[int, Any] | None: ...

    def load(self, handle: Any) -> tuple[Prefix, StateData] | None: ...

    def runs(self) -> set[str]: ...

    def forget(self, runs: Container[str]) -> None: ...

    def close(self) -> None: ...


class KVCache:
    def __init__(self, memory: Memory, cells: int, ids: int, store: Store | None = None) -> None:
        """`ids` are the sequences it can tell apart, those that ended and are kept included."""
        self.cells = cells
        self._memory = memory
        self._store = store
        self._ledger = Ledger(cells)
        self._free_ids = list(reversed(range(ids)))
        self._kept: OrderedDict[int, Prefix] = OrderedDict()
        """What ended sequences left, the least recently used first."""

    @property
    def free(self) -> int:
        return self._ledger.free

    @property
    def can_rewind(self) -> bool:
        return self._memory.can_rewind

    def begin(self, sequence: Sequence, running: Iterable[Sequence]) -> None:
        """Give it an id, and of its tokens what is there already."""
        wanted = sequence.reusable
        _id, here = self._longest(wanted, running)
        if not self._load(sequence, wanted, here):
            self._reuse(sequence, *self._longest(wanted, running))
        self._unload(least=0)

    def make_room(self, cells: int) -> bool:
        """Whether so many are free; what ended sequences left goes for it, the oldest first."""
        while self.free < cells and self._kept:
            self._evict()
        return self.free >= cells

    def grow(self, sequence: Sequence, tokens: int) -> None:
        self._ledger.take(sequence.id, tokens)
        sequence.computed += tokens

    def rewind(self, sequence: Sequence, length: int) -> None:
        if length < sequence.computed:
            self._cut(sequence.id, length, sequence.position(length))
            sequence.computed = length

    def keep(self, sequence: Sequence) -> None:
        """It gives up its id; what was computed of it stays for as long as there is room."""
        if sequence.computed < LEAST_KEPT:
            self.drop(sequence)
            return
        self._kept[sequence.id] = sequence.cached
        sequence.id, sequence.computed = -1, 0
        self._unload(least=1)  # the latest may go on with its next turn before anybody else comes

    def drop(self, sequence: Sequence) -> None:
        self._release(sequence.id)
        sequence.id, sequence.computed = -1, 0

    def will_share(self, sequence: Sequence, running: Iterable[Sequence]) -> bool:
        """Whether another computes just now what it could then take over."""
        wanted = sequence.reusable
        unread = [other for other in running if other.is_reading]
        coming = max((other.reusable.common(wanted) for other in unread), default=0)
        if coming < LEAST_GAIN:
            return False
        _id, here = self._longest(wanted, running)
        return coming - here >= LEAST_GAIN

    def runs(self) -> set[str]:
        """Whose tokens are kept, here and in the store."""
        stored = self._store.runs() if self._store else set()
        return {prefix.run for prefix in self._kept.values()} | stored

    def forget(self, runs: Container[str]) -> None:
        for id, prefix in list(self._kept.items()):
            if prefix.run in runs:
                del self._kept[id]
                self._release(id)
        if self._store:
            self._store.forget(runs)

    def close(self) -> None:
        """Save what is kept for the next process."""
        while self._kept:
            self._evict()
        if self._store:
            self._store.close()

    def _reuse(self, sequence: Sequence, id: int, length: int) -> None:
        """Have it begin with the first `length` tokens of that one, kept or running."""
        if length < LEAST_KEPT:
            sequence.id, length = self._new_id(), 0
        elif id in self._kept and self._is_better_taken_over(id, length):
            del self._kept[id]
            sequence.id = id
            self._cut(id, length, sequence.position(length))
        else:
            sequence.id = self._branch(id, length, sequence.position(length))
        sequence.computed = length

    def _unload(self, least: int) -> None:
        """Move what is kept beyond MOST_KEPT tokens to the store, all but so many sequences'."""
        if self._store is None:
            return
        while len(self._kept) > least and sum(map(len, self._kept.values())) > MOST_KEPT:
            self._evict()

    def _longest(self, wanted: Prefix, running: Iterable[Sequence]) -> tuple[int, int]:
        """Whose beginning is the best to take, kept or running, and how much of it."""
        found = (self._longest_kept(wanted), self._longest_running(wanted, running))
        return max(found, key=lambda one: one[1])

    def _longest_kept(self, wanted: Prefix) -> tuple[int, int]:
        usable = ((id, self._usable(prefix, wanted)) for id, prefix in self._kept.items())
        return max(usable, key=lambda found: found[1], default=(-1, 0))

    def _usable(self, prefix: Prefix, wanted: Prefix) -> int:
        common = prefix.common(wanted)
        return common if self._memory.can_rewind or common == len(prefix) else 0

    def _longest_running(self, wanted: Prefix, running: Iterable[Sequence]) -> tuple[int, int]:
        if not self._memory.can_rewind:
            return -1, 0
        usable = ((other.id, other.cached.common(wanted)) for other in running)
        return max(usable, key=lambda found: found[1], default=(-1, 0))

    def _load(self, sequence: Sequence, wanted: Prefix, length: int) -> bool:
        """Continue from a stored state, if that spares clearly more than what is in the cache."""
        found = self._store.longest(wanted) if self._store else None
        if self._store is None or found is None or found[0] - length < LEAST_GAIN:
            return False
        loaded = self._store.load(found[1])
        if loaded is None:
            return False
        prefix, state = loaded
        usable = self._usable(prefix, wanted)
        if not usable or not self.make_room(len(prefix)):
            return False
        id = self._new_id()
        if not self._memory.restore(id, state):
            self._release(id)
            return False
        self._ledger.take(id, len(prefix))
        self._cut(id, usable, sequence.position(usable))
        sequence.id, sequence.computed = id, usable
        return True

    def _is_better_taken_over(self, id: int, length: int) -> bool:
        is_last_id = not self._free_ids and len(self._kept) == 1
        return is_last_id or len(self._kept[id]) - length <= LONGEST_TAIL

    def _branch(self, source: int, length: int, end: int) -> int:
        kept = self._kept.pop(source, None)  # not to be evicted for the id it is copied to
        id = self._new_id()
        if kept is not None:
            self._kept[source] = kept  # and it was of use just now
        self._memory.copy(source, id, end)
        self._ledger.share(source, id, length)
        return id

    def _new_id(self) -> int:
        if not self._free_ids:
            self._evict()
        return self._free_ids.pop()

    def _evict(self) -> None:
        id, prefix = self._kept.popitem(last=False)
        if self._store:
            self._store.put(prefix, self._memory.save(id))
        self._release(id)

    def _release(self, id: int) -> None:
        self._cut(id, 0, 0)
        self._free_ids.append(id)

    def _cut(self, id: int, length: int, end: int) -> None:
        """`end` is the position of the first token to go."""
        self._memory.cut(id, end)
        self._ledger.cut(id, length)
