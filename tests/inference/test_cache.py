import numpy as np
import pytest

from inference.engine import cache
from inference.engine.cache import KVCache
from inference.engine.ledger import Ledger
from inference.engine.prefix import Prefix
from inference.engine.sequence import Sequence
from tests.inference.fakes import Cell, FakeMemory, FakeStore


class Filled:
    """A cache, and what it takes to run sequences through it."""

    def __init__(self, cells: int = 1000, ids: int = 8, **fields: object) -> None:
        self.memory = FakeMemory(cells, **fields)  # type: ignore[arg-type]
        self.store = FakeStore()
        self.cache = KVCache(self.memory, cells, ids, self.store)

    def begin(self, text: str, *running: Sequence, owner: str = "", public: int = 0) -> Sequence:
        s = Sequence(list(text.encode()), 10, owner=owner, public=public, run=text)
        self.cache.begin(s, running)
        self.check(s)
        return s

    def compute(self, s: Sequence) -> Sequence:
        assert self.cache.make_room(s.pending)
        cells = self.memory.held.setdefault(s.id, [])
        cells += [Cell(token) for token in s.tokens[s.computed :]]
        self.cache.grow(s, s.pending)
        self.check(s)
        return s

    def run(self, text: str, **fields: object) -> Sequence:
        """To its end; what is left is kept."""
        s = self.compute(self.begin(text, **fields))  # type: ignore[arg-type]
        self.cache.keep(s)
        return s

    def check(self, s: Sequence) -> None:
        held = [cell.token for cell in self.memory.held.get(s.id, [])]
        assert held == s.tokens[: s.computed]
        assert self.cache.free == self.memory.cells - self.memory.used


A = "a" * 50
B = "b" * 50
C = "c" * 50


def test_the_next_turn_has_only_what_is_new_to_compute() -> None:
    f = Filled()
    f.run(A)

    assert f.begin(A + B).computed == 50


def test_the_same_prompt_again_computes_the_last_token_only() -> None:
    f = Filled()
    f.run(A)

    assert f.begin(A).computed == 49


def test_a_branch_leaves_the_other_as_it_is_and_shares_its_cells() -> None:
    f = Filled()
    f.run(A + B)

    f.compute(f.begin(A + C))

    assert f.cache.free == 1000 - 150
    assert f.begin(A + B + C).computed == 100


def test_the_prompt_of_a_running_sequence_is_copied_and_not_computed_again() -> None:
    f = Filled()
    running = f.compute(f.begin(A + B))

    second = f.compute(f.begin(A + C, running))

    assert f.cache.free == 1000 - 150
    f.cache.drop(running)
    f.check(second)
    assert f.cache.free == 1000 - 100


def test_nothing_is_shared_between_people() -> None:
    f = Filled()
    running = f.compute(f.begin(A + B, owner="alice"))

    assert f.begin(A + B, running, owner="bob").computed == 0
    f.cache.keep(running)
    assert f.begin(A + B, owner="bob").computed == 0


def test_a_public_beginning_is_shared_between_people_and_nothing_beyond_it() -> None:
    f = Filled()
    running = f.compute(f.begin(A + B, owner="alice", public=50))

    assert f.begin(A + B, running, owner="bob", public=50).computed == 50
    assert f.begin(A + B, running, owner="charlie", public=20).computed == 20
    assert f.begin(A + B, running, owner="dora").computed == 0


def test_room_is_made_by_dropping_what_was_used_least_recently() -> None:
    f = Filled(cells=170)
    for text in (A, B, C):
        f.run(text)
    f.cache.keep(f.begin(A + "!"))

    assert f.cache.make_room(60)

    assert f.begin(A + "!").computed == 50
    assert [prefix.run for prefix, _ in f.store.kept] == [B]


def test_what_had_to_make_room_is_loaded_again_instead_of_computed() -> None:
    f = Filled(cells=140)
    long = "".join(chr(ord("a") + at % 20) for at in range(100))
    f.run(long)
    f.run(B)

    again = f.begin(long + "and on")

    assert again.computed == 100


def test_of_a_stored_state_only_what_is_common_is_used() -> None:
    f = Filled()
    state = (A + B).encode()
    f.store.put(Prefix(np.frombuffer(state, np.uint8).astype(np.int32)), state)

    assert f.begin(A + C).computed == 50
    assert f.cache.free == 1000 - 50


def test_ids_of_kept_sequences_are_taken_back_when_they_run_out() -> None:
    f = Filled(ids=2)

    for text in (A, B, C, A + B):
        f.run(text)

    assert f.begin(A + B + C).computed == 100


def test_a_branch_becomes_a_takeover_when_there_is_no_other_id_left() -> None:
    f = Filled(ids=2)
    f.run(A + B)
    running = f.compute(f.begin(C))

    assert f.begin(A + C, running).computed == 50


def test_a_model_that_cannot_rewind_goes_on_only_from_where_another_ended() -> None:
    f = Filled(can_rewind=False)
    f.run(A)
    f.run(B + C)

    assert f.begin(A + "more").computed == 50
    assert f.begin(B + A).computed == 0


def test_what_belongs_to_deleted_runs_is_dropped_everywhere() -> None:
    f = Filled()
    f.run(A)
    f.store.put(Prefix(np.arange(100, dtype=np.int32), run=A), b"state")
    f.run(B)

    f.cache.forget({A})

    assert f.cache.runs() == {B}
    assert f.begin(A).computed == 0
    assert f.cache.free == 1000 - 50


def test_closing_saves_what_is_kept_the_newest_last() -> None:
    f = Filled()
    long = ["a" * 80, "b" * 80]
    for text in long:
        f.run(text)

    f.cache.close()

    assert [prefix.run for prefix, _ in f.store.kept] == long


def test_the_ledger_frees_a_cell_when_nobody_holds_it_any_more() -> None:
    ledger = Ledger(10)
    ledger.take(1, 6)
    ledger.share(1, 2, 4)

    ledger.cut(1, 0)
    assert ledger.free == 6
    ledger.cut(2, 1)
    assert ledger.free == 9


def test_with_a_store_the_cache_itself_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_KEPT", 120)
    f = Filled()
    for text in (A, B, C):
        f.run(text)

    assert f.cache.free == 1000 - 100
    assert f.begin(A + B).computed == 50


def test_what_ended_last_stays_until_another_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_KEPT", 40)
    f = Filled()
    f.run(A)
    assert f.cache.free == 1000 - 50

    f.begin(B)
    assert f.cache.free == 1000
