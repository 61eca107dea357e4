"""Small GGUF files, right and wrong, for tests."""

import struct
from pathlib import Path
from typing import Any

MODEL = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "general.file_type": 7,
    "llama.context_length": 512,
    "tokenizer.chat_template": "{{ messages }}",
    "tokenizer.ggml.tokens": ["a", "b", "ç"],
    "tokenizer.ggml.scores": [0.0, 1.0, 2.0],
}
PROJECTOR = {
    "general.architecture": "clip",
    "clip.has_vision_encoder": True,
    "clip.projector_type": "mlp",
}


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def value(item: Any) -> bytes:
    match item:
        case bool():
            return struct.pack("<I?", 7, item)
        case int():
            return struct.pack("<II", 4, item)
        case float():
            return struct.pack("<If", 6, item)
        case str():
            return struct.pack("<I", 8) + text(item)
        case [str(), *_]:
            return struct.pack("<IIQ", 9, 8, len(item)) + b"".join(map(text, item))
        case [float(), *_]:
            return struct.pack(f"<IIQ{len(item)}f", 9, 6, len(item), *item)
    raise TypeError(item)


def header(pairs: dict[str, Any], *, version: int = 3, tensors: int = 1) -> bytes:
    start = struct.pack("<4sIQQ", b"GGUF", version, tensors, len(pairs))
    return start + b"".join(text(key) + value(item) for key, item in pairs.items())


def write(path: Path, pairs: dict[str, Any] | None = None, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header(MODEL if pairs is None else pairs, **options) + b"\0" * 64)
    return path
