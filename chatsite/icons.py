"""The icons of templates: each is drawn once, from Lucide's archive, which is opened once. To find
one in it takes as long as to draw a page."""

from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

from django import template
from django.utils.safestring import SafeString, mark_safe

XMLNS = ' xmlns="http://www.w3.org/2000/svg"'

register = template.Library()


@register.simple_tag(name="lucide")
@lru_cache(maxsize=512)
def draw(name: str, *, size: int = 24, **attributes: object) -> SafeString:
    """An <svg> of so many pixels. Raises KeyError if there is no icon of this name."""
    drawn = _archive().read(f"{name}.svg").decode().replace(XMLNS, "", 1)
    svg = ElementTree.fromstring(drawn)  # noqa: S314 (it comes with a package)
    svg.attrib |= {"width": str(size), "height": str(size)}
    svg.attrib |= {key.replace("_", "-"): str(value) for key, value in attributes.items()}
    return mark_safe(ElementTree.tostring(svg, encoding="unicode"))  # noqa: S308


@cache
def _archive() -> ZipFile:
    return ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))
