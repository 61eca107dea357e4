"""The images of runs, as a model reads them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from hashlib import sha256

from django.utils.translation import gettext as _

from inference.engine.images import ImageError, ImageReader, Picture
from inference.images import BadImage, pixels
from inference.models import Generation
from inference.vision import NOT_BUILT
from inference.worker.embedding_run import Refused

MOST_KEPT = 64
MOST_BYTES = 256 << 20
"""Of the vectors of those that are kept for a chat's next turns."""


class Pictures:
    """Of one model. Any thread may call."""

    def __init__(self, reader: ImageReader | None) -> None:
        self._reader = reader
        self._kept: OrderedDict[str, Picture] = OrderedDict()
        """By the SHA-256 of their files, the least recently used first."""
        self._lock = threading.Lock()

    def of(self, generation: Generation) -> Mapping[int, Picture]:
        """By their numbers. Raises Refused."""
        if not generation.model.projector:
            raise Refused(_("The model reads no images."))
        if self._reader is None:
            raise Refused(str(NOT_BUILT))
        return {
            image.number: self._picture(bytes(image.data), self._reader)
            for image in generation.images.all()
        }

    def look(self, pictures: Iterable[Picture], is_wanted: Callable[[], bool]) -> bool:
        """Have them encoded. False if that is not wanted any more. Raises Refused."""
        for picture in pictures:
            if _size(picture):
                continue
            if not is_wanted():
                return False
            try:
                picture.look()
            except (BadImage, ImageError) as error:
                raise _unreadable() from error
        self._trim()
        return True

    def _picture(self, file: bytes, reader: ImageReader) -> Picture:
        digest = sha256(file).hexdigest()
        with self._lock:
            if known := self._kept.get(digest):
                self._kept.move_to_end(digest)
                return known
        try:
            picture = reader.picture(partial(pixels, file), digest)
        except (BadImage, ImageError) as error:
            raise _unreadable() from error
        with self._lock:
            return self._kept.setdefault(digest, picture)

    def _trim(self) -> None:
        with self._lock:
            size = sum(map(_size, self._kept.values()))
            while len(self._kept) > MOST_KEPT or size > MOST_BYTES:
                _digest, picture = self._kept.popitem(last=False)
                size -= _size(picture)


def _size(picture: Picture) -> int:
    """Bytes of its vectors; 0 if it is not encoded yet."""
    return sum(view.vectors.nbytes for view in picture.views if view.vectors is not None)


def _unreadable() -> Refused:
    return Refused(_("The model can't read one of the images."))
