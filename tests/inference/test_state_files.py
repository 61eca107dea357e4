"""States on disk: what survives a restart, what is believed, and what happens when it fails."""

import logging
import os
import stat
from pathlib import Path

import pytest

from inference.engine.states import StateStore
from tests.inference.state_stores import KB, MB, files, found, prefix, settle, store_at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "states"


def restarted(store: StateStore, folder: Path, **changes: object) -> StateStore:
    store.close()
    return store_at(folder, **changes)  # type: ignore[arg-type]


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
