"""What a model is shown of an image."""

import io

import numpy as np
import pytest
from PIL import Image

from inference.images import SHOWN_PIXELS, BadImage, check, pixels

RED, WHITE = [255, 0, 0], [255, 255, 255]
ORIENTATION = 0x0112
"""The EXIF tag; 6: to be turned clockwise."""


def saved(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def test_an_image_is_shown_as_it_is() -> None:
    image = Image.new("RGB", (3, 2), "red")
    image.putpixel((2, 1), (1, 2, 3))

    shown = pixels(saved(image))

    assert shown.shape == (2, 3, 3)
    assert shown[0, 0].tolist() == RED
    assert shown[1, 2].tolist() == [1, 2, 3]


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_large_image_is_scaled_down(format: str) -> None:
    shown = pixels(saved(Image.new("RGB", (4000, 1000), "red"), format))

    height, width, _ = shown.shape
    assert height * width <= SHOWN_PIXELS
    assert width / height == pytest.approx(4, rel=0.01)
    assert np.abs(shown.astype(int) - RED).max() < 4


def test_a_photograph_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    lying = Image.new("RGB", (3000, 1000), "red")
    lying.paste("white", (0, 0, 1500, 1000))

    shown = pixels(saved(lying, "JPEG", exif=exif))

    height, width, _ = shown.shape
    assert height > width
    assert np.abs(shown[5, 5].astype(int) - WHITE).max() < 4
    assert np.abs(shown[-5, 5].astype(int) - RED).max() < 4


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode: str) -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0)).convert(mode)

    assert pixels(saved(image, transparency=0) if mode == "P" else saved(image)).min() > 250


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "I;16"])
def test_all_kinds_of_colours_become_red_green_and_blue(mode: str) -> None:
    format = "JPEG" if mode == "CMYK" else "PNG"

    assert pixels(saved(Image.new(mode, (5, 4)), format)).shape == (4, 5, 3)


def test_the_first_picture_of_an_animation_counts() -> None:
    first, second = (Image.new("RGB", (4, 4), colour) for colour in ("red", "blue"))
    animation = saved(first, "GIF", save_all=True, append_images=[second] * 500)

    assert pixels(animation)[0, 0].tolist() == RED


def test_other_formats_are_not_even_tried() -> None:
    for format in ("BMP", "TIFF", "PPM", "ICO", "PDF"):
        with pytest.raises(BadImage, match="must be one of"):
            check(saved(Image.new("RGB", (16, 16)), format))
