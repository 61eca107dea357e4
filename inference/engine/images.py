"""Images in prompts: stretches whose rows are vectors that an encoder made, and not tokens."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""Height, width, and the three of red, green and blue."""
Vectors = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]

BEGINS, GOES_ON = 1, 2
"""How far the ids of a view are below even numbers; see `stand_ins`."""


class ImageError(Exception):
    """The model can't read this image."""


@dataclass(eq=False)
class View:
    """What the model sees in one piece: an image, or a part of one."""

    ids: list[int]
    """They stand for its rows among a prompt's tokens; see `stand_ins`."""
    places: Places
    """Of its rows in the KV cache, relative to the first: one number for each row, or four where
    the model knows height and width (M-RoPE, Wang et al. 2024, Qwen2-VL, section 2.1)."""
    extent: int
    """So many positions further on the text continues."""
    is_seen_at_once: bool
    """Whether each row looks at all others, so that they must be computed in one step."""
    vectors: Vectors | None = field(default=None, repr=False)
    """A row for each id, once it is encoded."""


@dataclass(eq=False)
class Picture:
    """An image as the model reads it: views, and tokens around them."""

    parts: list[list[int] | View]
    encode: Callable[[], list[Vectors]] = field(repr=False)
    """Of each view the vectors. May take seconds. Raises ImageError."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def views(self) -> list[View]:
        return [part for part in self.parts if isinstance(part, View)]

    def look(self) -> None:
        """Have its views encoded, if they are not yet. Raises ImageError."""
        with self._lock:
            if all(view.vectors is not None for view in self.views):
                return
            encoded = self.encode()
            if [len(vectors) for vectors in encoded] != [len(view.ids) for view in self.views]:
                raise ImageError("it is not encoded as it was laid out")
            for view, vectors in zip(self.views, encoded, strict=True):
                view.vectors = vectors


@dataclass(frozen=True)
class Placed:
    """A view in a prompt, from the token number `start` on."""

    view: View
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.view.ids)

    @property
    def spared(self) -> int:
        """By so many the positions after it are below the numbers of the tokens."""
        return len(self.view.ids) - self.view.extent


class ImageReader(Protocol):
    """A model's eyes. Safe to call from any thread while the model is open."""

    def picture(self, load: Callable[[], Pixels], digest: str) -> Picture:
        """How it reads an image, whose content `digest` tells apart. `load` is called once here,
        and again when it is encoded, as many images may wait for that. Raises ImageError."""


def stand_ins(digest: str, number: int, count: int) -> list[int]:
    """Ids below 0 for the rows of an image's view, by which the same image is known again in a
    cache, and no other. Odd ones begin a view, even ones go on with it."""
    raw = hashlib.shake_256(f"{digest} {number}".encode()).digest(4 * count)
    ids = -2 * (np.frombuffer(raw, "<u4").astype(np.int64) >> 2)
    ids[:1] -= BEGINS
    ids[1:] -= GOES_ON
    return [int(id) for id in ids]
