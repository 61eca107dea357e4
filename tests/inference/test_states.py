"""States that left the KV cache: what is found, and what is kept."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inference.engine.states import StateStore
from tests.inference.state_stores import KB, MB, files, found, prefix, settle, store_at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "states"


@pytest.fixture
def store(folder: Path) -> Iterator[StateStore]:
    store = store_at(folder)
    yield store
    store.close()


def test_the_next_turn_of_a_conversation_takes_all_of_the_state(store: StateStore) -> None:
    store.put(prefix(1, 2, 3), b"state")

    assert found(store, prefix(1, 2, 3, 4, 5)) == (3, b"state")


def test_the_state_with_most_in_common_is_taken(store: StateStore) -> None:
    store.put(prefix(1, 2, 9, 9), b"two")
    store.put(prefix(1, 2, 3, 8), b"three")
    store.put(prefix(7, 2, 3, 4), b"none")

    assert found(store, prefix(1, 2, 3, 4)) == (3, b"three")
    assert found(store, prefix(5, 5)) is None
    assert found(store, prefix()) is None


@pytest.mark.parametrize("lengths", [(5, 4, 6), (4, 5, 6), (6, 5, 4)])
def test_of_equally_good_states_the_shortest_is_taken(
    store: StateStore, lengths: tuple[int, ...]
) -> None:
    for length in lengths:
        store.put(prefix(1, 2, *range(100 * length, 101 * length)), b"%d" % length)

    assert found(store, prefix(1, 2, 3)) == (2, b"4")


def test_strangers_take_only_what_both_hold_as_public(store: StateStore) -> None:
    store.put(prefix(1, 2, 3, 4, owner="alice", public=2), b"state")

    assert found(store, prefix(1, 2, 3, 4, owner="bob", public=4)) == (2, b"state")
    assert found(store, prefix(1, 2, 3, 4, owner="bob")) is None


def test_the_search_finds_what_a_plain_search_finds(store: StateStore) -> None:
    random = np.random.default_rng(1)
    prefixes = []
    for _ in range(150):
        tokens = random.integers(0, 2, random.integers(1, 9))
        owner = str(random.choice(["alice", "bob"]))
        prefixes.append(prefix(*tokens, owner=owner, public=int(random.integers(0, 4))))
    for state in prefixes[:100]:
        store.put(state, b"state")

    for wanted in prefixes[100:]:
        longest = store.longest(wanted)
        assert (longest[0] if longest else 0) == max(
            state.common(wanted) for state in prefixes[:100]
        )


def test_a_longer_state_replaces_the_one_it_continues(store: StateStore) -> None:
    store.put(prefix(1, 2, run="first"), b"short")
    store.put(prefix(1, 2, 3, run="second"), b"long")

    assert store.runs() == {"second"}
    assert found(store, prefix(1, 2)) == (2, b"long")


def test_a_shorter_state_adds_nothing_to_the_longer_one(store: StateStore) -> None:
    store.put(prefix(1, 2, 3), b"long")
    store.put(prefix(1, 2), b"short")

    assert found(store, prefix(1, 2)) == (2, b"long")


def test_what_others_may_use_is_not_replaced_by_what_they_may_not(store: StateStore) -> None:
    store.put(prefix(1, 2, owner="alice", public=2), b"public")
    store.put(prefix(1, 2, 3, owner="alice", public=0), b"private")

    assert found(store, prefix(1, 2, 3, owner="bob", public=2)) == (2, b"public")


def test_without_a_folder_the_least_recently_used_goes() -> None:
    store = store_at(None, ram=2 * KB)
    store.put(prefix(1), b"1" * KB)
    store.put(prefix(2), b"2" * KB)
    assert found(store, prefix(1))

    store.put(prefix(3), b"3" * KB)

    assert [bool(found(store, prefix(token))) for token in (1, 2, 3)] == [True, False, True]
    store.close()


def test_what_leaves_the_ram_is_found_on_the_disk(folder: Path) -> None:
    store = store_at(folder, ram=2 * KB)
    for token in range(1, 9):
        store.put(prefix(token), b"%d" % token * KB)
        settle(store)

    assert len(files(folder)) == 6
    assert all(found(store, prefix(token)) == (1, b"%d" % token * KB) for token in range(1, 9))
    store.close()


def test_the_disk_keeps_what_was_used_last(folder: Path) -> None:
    store = store_at(folder, ram=0, disk=2 * KB)
    for token in (1, 2):
        store.put(prefix(token), b"." * KB)
        settle(store)
    assert found(store, prefix(1))
    store.put(prefix(3), b"." * KB)
    settle(store)

    assert len(files(folder)) == 2
    assert [bool(found(store, prefix(token))) for token in (1, 2, 3)] == [True, False, True]
    store.close()


def test_memory_is_bounded_when_the_disk_is_slower_than_the_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = threading.Event()
    monkeypatch.setattr("os.open", waiting_for(may_write, os.open))
    store = store_at(folder, ram=8 * KB, disk=MB)
    for token in range(1, 101):
        store.put(prefix(token), b"." * KB)

    kept = sum(found(store, prefix(token)) is not None for token in range(1, 101))
    may_write.set()

    assert 8 <= kept <= 11
    store.close()


def waiting_for(event: threading.Event, function):  # type: ignore[no-untyped-def]
    def wait(*arguments, **options):  # type: ignore[no-untyped-def]
        assert event.wait(10)
        return function(*arguments, **options)

    return wait


def test_states_of_a_deleted_conversation_are_nowhere(folder: Path) -> None:
    store = store_at(folder, ram=KB)
    store.put(prefix(1, run="deleted on disk"), b"." * KB)
    store.put(prefix(2, run="deleted in RAM"), b"." * KB)
    settle(store)
    assert store.runs() == {"deleted on disk", "deleted in RAM"}

    store.forget({"deleted on disk", "deleted in RAM"})

    assert store.runs() == set()
    assert found(store, prefix(1)) is None
    store.close()
    assert files(folder) == []


def test_a_state_deleted_while_it_is_written_is_nowhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = threading.Event()
    monkeypatch.setattr("os.open", waiting_for(may_write, os.open))
    store = store_at(folder, ram=0)
    store.put(prefix(1), b"." * KB)

    store.forget({"run"})
    may_write.set()
    store.close()

    assert files(folder) == []


def test_many_threads_may_use_it(store: StateStore) -> None:
    def use(owner: str) -> None:
        for token in range(200):
            store.put(prefix(token, owner=owner, run=owner), b"." * 20 * KB)
            found(store, prefix(token // 2, owner=owner))
        store.forget({owner})

    threads = [threading.Thread(target=use, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.runs() == set()
