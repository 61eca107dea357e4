"""States that left the KV cache: what is found, what is kept, and what is believed."""

import logging
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inference.engine.prefix import Prefix
from inference.engine.states import StateStore

KB = 1 << 10
MB = 1 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "states"


@pytest.fixture
def store(folder: Path) -> Iterator[StateStore]:
    store = store_at(folder)
    yield store
    store.close()


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


def restarted(store: StateStore, folder: Path, **changes: object) -> StateStore:
    store.close()
    return store_at(folder, **changes)  # type: ignore[arg-type]


# What is found


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


# What is kept


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


# What survives a restart


def test_a_restarted_worker_finds_what_was_in_ram_and_on_disk(folder: Path) -> None:
    store = store_at(folder, ram=KB)
    store.put(prefix(1, 2, owner="alice", public=1, run="a"), b"1" * KB)
    store.put(prefix(3, 4, owner="bob", run="b"), b"3" * KB)

    store = restarted(store, folder)

    assert store.runs() == {"a", "b"}
    assert found(store, prefix(1, 2, owner="alice")) == (2, b"1" * KB)
    assert found(store, prefix(1, 2, owner="bob", public=2)) == (1, b"1" * KB)
    assert found(store, prefix(3, 4, owner="alice")) is None
    store.close()


def test_of_more_than_the_disk_may_take_the_newest_survive(folder: Path) -> None:
    store = store_at(folder, ram=MB, disk=2 * KB)
    for token in (1, 2, 3):
        store.put(prefix(token), b"." * KB)

    store = restarted(store, folder)

    assert [bool(found(store, prefix(token))) for token in (1, 2, 3)] == [False, True, True]
    store.close()


def test_only_this_user_can_read_the_files(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    store = store_at(folder)
    store.put(prefix(1), b"state")
    store.close()

    [file] = files(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("change", [{"fingerprint": "model.gguf q8_0"}, {"secret": b"another"}])
def test_states_of_another_model_or_installation_are_deleted(
    folder: Path, change: dict[str, object]
) -> None:
    store = store_at(folder)
    store.put(prefix(1), b"state")

    store = restarted(store, folder, **change)

    assert found(store, prefix(1)) is None
    assert files(folder) == []
    store.close()


@pytest.mark.parametrize("at", [0, 10, 20, 60, -1, -500])
def test_a_changed_file_is_not_believed(folder: Path, at: int) -> None:
    store = store_at(folder)
    store.put(prefix(*range(100)), b"s" * KB)
    store.close()
    [file] = files(folder)
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)

    store = store_at(folder)

    assert found(store, prefix(*range(100))) is None
    assert files(folder) == []
    store.close()


@pytest.mark.parametrize("length", [0, 30, 60, 300, -1])
def test_a_cut_file_is_not_believed(folder: Path, length: int) -> None:
    store = store_at(folder)
    store.put(prefix(*range(100)), b"s" * KB)
    store.close()
    [file] = files(folder)
    file.write_bytes(file.read_bytes()[:length])

    store = store_at(folder)

    assert found(store, prefix(*range(100))) is None
    assert files(folder) == []
    store.close()


def test_a_longer_file_is_not_believed(folder: Path) -> None:
    store = store_at(folder)
    store.put(prefix(1), b"state")
    store.close()
    [file] = files(folder)
    file.write_bytes(file.read_bytes() + b"more")

    store = store_at(folder)

    assert found(store, prefix(1)) is None
    store.close()


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    store = store_at(folder)
    store.put(prefix(1), b"state")
    store.close()
    [file] = files(folder)
    elsewhere = file.rename(tmp_path / "elsewhere")
    file.symlink_to(elsewhere)

    store = store_at(folder)

    assert found(store, prefix(1)) is None
    assert elsewhere.exists()
    store.close()


def test_a_file_of_another_user_is_not_believed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_at(folder, ram=0)
    store.put(prefix(1), b"state")
    settle(store)
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)

    assert found(store, prefix(1)) is None
    store.close()


def test_a_folder_that_is_a_link_is_not_used(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")

    store = store_at(folder)
    store.put(prefix(1), b"state")

    assert found(store, prefix(1)) == (1, b"state")
    store.close()
    assert files(tmp_path / "elsewhere") == []


def test_what_a_dying_worker_left_unfinished_goes_after_a_while(folder: Path) -> None:
    store_at(folder).close()
    old, new = folder / "old.part", folder / "new.part"
    for file in (old, new):
        file.write_bytes(b"half of it")
    os.utime(old, (0, 0))

    store_at(folder).close()

    assert files(folder) == [new]


# When the disk fails


def test_a_file_that_vanishes_is_only_not_found(folder: Path) -> None:
    store = store_at(folder, ram=0)
    store.put(prefix(1), b"state")
    settle(store)
    longest = store.longest(prefix(1))
    assert longest
    [file] = files(folder)
    file.unlink()

    assert store.load(longest[1]) is None
    assert store.longest(prefix(1)) is None
    store.close()


def test_two_workers_share_a_folder(folder: Path) -> None:
    first, second = store_at(folder, ram=0), store_at(folder, ram=0)
    first.put(prefix(1), b"first")
    second.put(prefix(2), b"second")
    first.close()
    second.close()

    third, fourth = store_at(folder), store_at(folder)
    third.forget({"run"})

    assert found(fourth, prefix(1)) is None
    third.close()
    fourth.close()


def test_a_full_disk_is_said_once_and_the_ram_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = store_at(folder, ram=2 * KB)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inference.engine.state_files._write_all", full)
    with caplog.at_level(logging.WARNING):
        for token in range(1, 9):
            store.put(prefix(token), b"." * KB)
            settle(store)

    assert len([record for record in caplog.records if "disk" in record.message]) == 1
    assert found(store, prefix(8))
    assert files(folder) == []
    store.close()


def test_a_folder_that_cannot_be_made_leaves_the_ram(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    store = store_at(tmp_path / "file" / "states")
    store.put(prefix(1), b"state")

    assert found(store, prefix(1)) == (1, b"state")
    store.close()


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


def settle(store: StateStore) -> None:
    """Until the writer has nothing to do."""
    done = threading.Event()
    while store._backlog:
        done.wait(0.001)
