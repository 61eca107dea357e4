"""A ZIP file that is sent while it is made, so that it never is in memory as a whole."""

import io
from collections.abc import AsyncIterator, Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile

from asgiref.sync import sync_to_async

PIECE = 64 * 1024
"""Bytes that are sent at once, at least."""


class _Outbox(io.RawIOBase):
    """What is written and not sent yet."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._held += data
        return len(data)

    def take(self, least: int) -> Iterator[bytes]:
        if len(self._held) >= max(least, 1):
            yield bytes(self._held)
            self._held.clear()


def zipped(files: Iterable[tuple[str, Iterable[str]]]) -> Iterator[bytes]:
    """`files` are names and the pieces of their texts; the bytes of a ZIP file with them."""
    outbox = _Outbox()
    with ZipFile(outbox, "w", ZIP_DEFLATED) as archive:
        for name, pieces in files:
            with archive.open(name, "w") as file:
                for piece in pieces:
                    file.write(piece.encode())
                    yield from outbox.take(PIECE)
    yield from outbox.take(0)


async def sent(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each is made in a thread that may ask the database, when the one before is sent."""
    while piece := await sync_to_async(lambda: next(pieces, b""))():
        yield piece
