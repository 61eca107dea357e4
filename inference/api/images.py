"""Images in requests: parts of messages that show one, which is read once the model is known."""

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from inference.api import fields
from inference.images import FORMATS, MOST_IMAGES, BadImage, check
from inference.models import AIModel
from inference.vision import NOT_BUILT

DATA_URL = re.compile(r"data:(?P<type>[\w/+.-]+)(?:;[^,;]*)*;base64,(?P<data>.*)", re.I | re.S)

Content = str | list[dict[str, Any]]
"""Of a message: a text; with images, parts as inference.ask has them."""


@dataclass(frozen=True)
class Sent:
    """A part that shows an image, as it came."""

    where: str
    part: Mapping[str, Any]


@dataclass
class Images:
    """Those of a request. `kind` is the type of the parts that show them."""

    kind: str
    sent: list[Sent] = field(default_factory=list)

    def content(
        self, content: Any, where: str, kinds: Mapping[str, str], between: str = ""
    ) -> Content:
        """As fields.text, with images among the parts. Raises Problem."""
        if not isinstance(content, list) or not any(map(self._is_image, content)):
            return fields.text(content, where, kinds, between)
        parts = (self.part(part, f"{where}[{at}]", kinds) for at, part in enumerate(content))
        return together(parts, between)

    def part(self, part: Any, where: str, kinds: Mapping[str, str]) -> Content:
        if not self._is_image(part):
            return fields.part(part, where, kinds)
        self.sent.append(Sent(where, part))
        return [{"type": "image", "image": len(self.sent) - 1}]

    def _is_image(self, part: Any) -> bool:
        return isinstance(part, dict) and part.get("type") == self.kind


def together(contents: Iterable[Content], between: str) -> Content:
    """One content of several, with `between` between two texts."""
    parts: list[dict[str, Any]] = []
    for content in contents:
        for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if parts and parts[-1]["type"] == part["type"] == "text":
                part = {**part, "text": between.join([parts.pop()["text"], part["text"]])}
            parts.append(part)
    return parts if any(part["type"] == "image" for part in parts) else "".join(map(_text, parts))


def read(sent: Sequence[Sent], model: AIModel) -> list[bytes]:
    """The files. May take a second. Raises Problem for what the model can't be shown."""
    if sent and not model.reads_images:
        raise fields.unsupported(f"{sent[0].where}.type", _why_not(model))
    if len(sent) > MOST_IMAGES:
        message = _("There may be at most %(most)s images.") % {"most": MOST_IMAGES}
        raise fields.invalid(sent[MOST_IMAGES].where, message)
    return [_read(one) for one in sent]


def _why_not(model: AIModel) -> str:
    if model.projector:
        return str(NOT_BUILT)
    return _("The model %(model)s reads no images.") % {"model": model.name}


def _read(sent: Sent) -> bytes:
    where, data = _source(sent)
    try:
        file = b64decode(data, validate=True)
        check(file)
    except BadImage as error:
        raise fields.invalid(where, str(error)) from None
    except ValueError:
        raise fields.invalid(where, _("The image must be in base64.")) from None
    return file


def _source(sent: Sent) -> tuple[str, str]:
    """Where the file is in the request, and what stands there, in base64."""
    match sent.part:
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return _of_url(url, f"{sent.where}.image_url.url")
        case {"type": "input_image", "image_url": str(url)}:
            return _of_url(url, f"{sent.where}.image_url")
        case {"type": "input_image", "file_id": str()}:
            raise fields.unsupported(f"{sent.where}.file_id", _not_here())
        case {"type": "image", "source": {"type": "base64", "media_type": type, "data": str(data)}}:
            _check_type(type, f"{sent.where}.source.media_type")
            return f"{sent.where}.source.data", data
        case {"type": "image", "source": {"type": "url" | "file"}}:
            raise fields.unsupported(f"{sent.where}.source.type", _not_here())
    raise fields.invalid(sent.where, _("The part needs an image."))


def _of_url(url: str, where: str) -> tuple[str, str]:
    """Nothing is fetched: addresses could lead into the server's own network."""
    if found := DATA_URL.fullmatch(url):
        _check_type(found["type"], where)
        return where, found["data"]
    if url.lower().startswith("data:"):
        raise fields.invalid(where, _("The image must be in base64."))
    raise fields.unsupported(where, _not_here())


def _not_here() -> str:
    return _("No image is fetched or kept here: send its data, in base64.")


def _check_type(type: Any, where: str) -> None:
    """What the file is shows when it is read; this is for those who send something else."""
    if not isinstance(type, str) or type.lower() not in FORMATS:
        message = _("The image must be one of %(formats)s.") % {"formats": ", ".join(FORMATS)}
        raise fields.invalid(where, message)


def _text(part: Mapping[str, Any]) -> str:
    return str(part["text"])
