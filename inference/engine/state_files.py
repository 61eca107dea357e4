"""States of the KV cache as files that are believed only if this installation wrote them.

llama.cpp reads a state without checking it: one from elsewhere could crash the worker, or worse.
So each file is bound to a secret, and is opened only where nobody else could have put it.

A file is its magic, the length of its header, a keyed hash of the header, the header, and the
state. The header has a keyed hash of the state, so that an index needs to read headers only.
"""

import contextlib
import hashlib
import io
import json
import os
import secrets
import stat
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.prefix import Prefix, StateData, Tokens
from inference.engine.state_names import SUFFIX, UNFINISHED

START = struct.Struct("<8sI32s")
"""Magic, length of the header in bytes, its hash."""
MAGIC = b"parley 1"
"""The number changes with the format."""
LONGEST_HEADER = 1 << 26
"""Bytes; a million tokens take four million."""
ABANDONED_AFTER = 600.0
"""Seconds after which a file that is still unfinished was left by a process that died."""
TOKENS = np.dtype("<i4")


class Untrusted(Exception):
    """The file is incomplete, or not one that this installation wrote for this model."""


@dataclass(frozen=True)
class StateFile:
    path: Path
    prefix: Prefix
    size: int
    """Bytes of the state."""


class StateFolder:
    """One model's files. `fingerprint` tells what can read them; files of another one go."""

    def __init__(self, path: Path, fingerprint: str, secret: bytes) -> None:
        """Raises OSError where the folder can't be used, or is somebody else's."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid != os.geteuid():
            raise PermissionError(f"{path} belongs to somebody else")
        path.chmod(0o700)
        self.path = path
        self._fingerprint = fingerprint
        self._key = hashlib.blake2b(secret, person=b"kv state").digest()

    def write(self, prefix: Prefix, state: StateData) -> Path:
        """Raises OSError."""
        header = self._header(prefix, state)
        path = self.path / f"{prefix.run}.{secrets.token_hex(8)}{SUFFIX}"
        unfinished = path.with_suffix(UNFINISHED)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            with io.FileIO(os.open(unfinished, flags, 0o600), "wb") as file:
                start = START.pack(MAGIC, len(header), self._hash(b"header", header))
                for part in (start, header, state):
                    _write_all(file, part)
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        return path

    def read(self, file: StateFile) -> bytes:
        """Raises Untrusted, and OSError if it is gone."""
        with _open(file.path) as opened:
            header, _ = self._read_header(opened)
            state = opened.readall()
        if len(state) != header["size"] or not compare_digest(
            self._hash(b"state", state).hex(), header["hash"]
        ):
            raise Untrusted(file.path)
        with contextlib.suppress(OSError):
            os.utime(file.path, follow_symlinks=False)  # it is in use, also for the next worker
        return state

    def files(self) -> list[StateFile]:
        """Those to be trusted, by their headers, the least recently used first; others go."""
        found = sorted(self._found(), key=lambda found: found[0])
        return [file for _, file in found]

    @staticmethod
    def remove(path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()

    def _found(self) -> Iterator[tuple[float, StateFile]]:
        for path in self.path.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another worker's
                used = path.lstat().st_mtime
                if path.suffix == UNFINISHED and used < time.time() - ABANDONED_AFTER:
                    self.remove(path)
                elif path.suffix == SUFFIX:
                    try:
                        yield used, self._described(path)
                    except (Untrusted, OSError):
                        self.remove(path)

    def _described(self, path: Path) -> StateFile:
        with _open(path) as file:
            header, tokens = self._read_header(file)
        prefix = Prefix(tokens, header["owner"], header["public"], header["run"])
        return StateFile(path, prefix, header["size"])

    def _header(self, prefix: Prefix, state: StateData) -> bytes:
        description = {
            "fingerprint": self._fingerprint,
            "owner": prefix.owner,
            "public": prefix.public,
            "run": prefix.run,
            "size": len(state),
            "hash": self._hash(b"state", state).hex(),
        }
        return json.dumps(description).encode() + b"\n" + prefix.tokens.astype(TOKENS).tobytes()

    def _read_header(self, file: io.FileIO) -> tuple[dict[str, Any], Tokens]:
        """The description and the tokens; none of it is looked at before its hash is."""
        start = file.read(START.size)
        if len(start) < START.size:
            raise Untrusted(file.name)
        magic, length, known = START.unpack(start)
        if magic != MAGIC or length > LONGEST_HEADER:
            raise Untrusted(file.name)
        header = file.read(length)
        if not compare_digest(self._hash(b"header", header), known):
            raise Untrusted(file.name)
        description, _, tokens = header.partition(b"\n")
        fields = json.loads(description)
        if fields["fingerprint"] != self._fingerprint:
            raise Untrusted(file.name)
        return fields, np.frombuffer(tokens, TOKENS)

    def _hash(self, what: bytes, content: StateData) -> bytes:
        return hashlib.blake2b(content, digest_size=32, key=self._key, person=what).digest()


def _open(path: Path) -> io.FileIO:
    """Raises OSError, and Untrusted for what is no plain file of this user's."""
    # Not blocked by a pipe that stands there in a file's place.
    file = io.FileIO(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    known = os.fstat(file.fileno())
    if not stat.S_ISREG(known.st_mode) or known.st_uid != os.geteuid():
        file.close()
        raise Untrusted(path)
    return file


def _write_all(file: io.FileIO, content: StateData) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]
