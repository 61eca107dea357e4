"""Images in requests, in the words of each API."""

import base64
import io
from typing import Any

from PIL import Image

Fields = dict[str, Any]


def picture(format: str = "PNG", size: tuple[int, int] = (8, 6), colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format)
    return file.getvalue()


def data_url(file: bytes, type: str = "image/png") -> str:
    return f"data:{type};base64,{base64.b64encode(file).decode()}"


def chat(*urls: Any) -> Fields:
    """Of chat completions: a question about images."""
    images = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": "What?"}, *images]}]}


def response(*urls: Any) -> Fields:
    images = [{"type": "input_image", "image_url": url} for url in urls]
    content = [{"type": "input_text", "text": "What?"}, *images]
    return {"input": [{"role": "user", "content": content}]}


def message(*sources: Any) -> Fields:
    images = [{"type": "image", "source": source} for source in sources]
    content = [{"type": "text", "text": "What?"}, *images]
    return {"messages": [{"role": "user", "content": content}], "max_tokens": 50}


def source(file: bytes, type: str = "image/png") -> Fields:
    return {"type": "base64", "media_type": type, "data": base64.b64encode(file).decode()}
