"""Images that people and programs send: what is taken, and what a model gets to see of it.

Nothing in a file is trusted: its dimensions are looked at before it is decoded, and only formats
of FORMATS are tried.
"""

import math
import threading
from io import BytesIO
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError
from PIL.ImageOps import exif_transpose

if TYPE_CHECKING:
    from inference.engine.images import Pixels

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
"""Of an animation, the first picture counts."""
MOST_IMAGES = 16
"""In a request."""
MOST_PIXELS = 32_000_000
"""Of a file."""
SHOWN_PIXELS = 1 << 20
"""Larger images are scaled down for the model, which would read more of them for minutes."""
LONGEST_SIDE = 50
"""Of an image, in lengths of its other side; models pad or stretch such stripes enormously."""
WHITE = (255, 255, 255)

_decoding = threading.Lock()
"""One at a time, as each takes up to 100 MB."""


class BadImage(ValueError):
    """The message is a sentence for people."""


def check(data: bytes) -> None:
    """Raises BadImage for what is not taken."""
    _shown(data)


def pixels(data: bytes) -> "Pixels":
    """What a model is shown of it. Raises BadImage."""
    import numpy as np  # not in web processes

    return np.ascontiguousarray(np.asarray(_shown(data)))


def _shown(data: bytes) -> Image.Image:
    try:
        with _decoding, Image.open(BytesIO(data), formats=list(FORMATS.values())) as image:
            _check_size(image.width, image.height)
            return _scaled(image)
    except UnidentifiedImageError:
        names = ", ".join(FORMATS.values())
        raise BadImage(_("The image must be one of %(formats)s.") % {"formats": names}) from None
    except BadImage:
        raise
    except Image.DecompressionBombError:
        raise BadImage(_too_many()) from None
    except Exception:  # whatever a decoder says of bytes that it can't read
        raise BadImage(_("The image can't be read; it may be incomplete.")) from None


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise BadImage(_too_many())
    if max(width, height) > LONGEST_SIDE * min(width, height):
        raise BadImage(_("The image is too narrow."))


def _too_many() -> str:
    most = {"most": MOST_PIXELS // 1_000_000}
    return _("The image has more than %(most)s million pixels.") % most


def _scaled(image: Image.Image) -> Image.Image:
    """Upright, without transparency, and of at most SHOWN_PIXELS."""
    image.draft("RGB", _size(image))  # JPEGs are decoded at about the size that is wanted
    image.load()
    upright = exif_transpose(image)
    if upright.size != _size(upright):
        upright = upright.resize(_size(upright), Image.Resampling.BICUBIC)
    return _opaque(upright)


def _size(image: Image.Image) -> tuple[int, int]:
    """Of what the model is shown."""
    scale = min(1.0, math.sqrt(SHOWN_PIXELS / (image.width * image.height)))
    return max(1, int(image.width * scale)), max(1, int(image.height * scale))


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    paper = Image.new("RGB", image.size, WHITE)
    paper.paste(image, mask=image.getchannel("A"))
    return paper
