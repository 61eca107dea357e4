"""The tokens of answers as messages keep them: four bytes each, little-endian."""

import struct
from collections.abc import Sequence

SIZE = 4


def pack(ids: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(ids)}I", *ids)


def unpack(packed: bytes | memoryview | None) -> list[int]:
    packed = bytes(packed or b"")
    return list(struct.unpack(f"<{len(packed) // SIZE}I", packed))
