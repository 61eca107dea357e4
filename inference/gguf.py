"""What a GGUF file says of itself: the key-values of its header, read without loading the model.

The layout is that of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Nothing in the
file is trusted: each length is checked against what is left of the file before it is used, and
what is kept or walked through is bounded.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_PAIRS = 65_536
LONGEST_TEXT = 1024 * 1024
MOST_ARRAY_TEXTS = 8_000_000
"""Large vocabularies have some 260,000 tokens and twice as many merges."""

NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
TEXT, ARRAY = 8, 9

QUANTISATIONS = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M",
    30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip
"""`llama_ftype` in llama.h."""

UNSUPPORTED_PROJECTORS = {"deepseek4v", "hunyuanvl"}
"""What these make of an image depends on what comes before it."""

Scalar = int | float | bool | str


class GGUFError(ValueError):
    """The file can't be used as a model. The message is a sentence for people."""


@dataclass(frozen=True)
class Header:
    architecture: str
    name: str
    context_length: int | None
    """Tokens the model was trained for."""
    has_chat_template: bool
    quantisation: str
    size: int
    """Of the file, in bytes."""


def read(path: Path) -> Header:
    """Raises GGUFError for a file that holds no language model, and OSError."""
    pairs, size = _pairs(path)
    architecture = pairs.get("general.architecture")
    if not isinstance(architecture, str) or not architecture:
        raise GGUFError(_("The file does not say which architecture its model has."))
    if pairs.get("general.type", "model") != "model" or architecture == "clip":
        raise GGUFError(_("The file is part of a model (an adapter or projector), not a model."))
    return Header(
        architecture=architecture,
        name=str(pairs.get("general.name", "")),
        context_length=_whole(pairs.get(f"{architecture}.context_length")),
        has_chat_template=bool(pairs.get("tokenizer.chat_template")),
        quantisation=QUANTISATIONS.get(_whole(pairs.get("general.file_type")) or 0, "")
        if "general.file_type" in pairs
        else "",
        size=size,
    )


def check_projector(path: Path) -> None:
    """Raises GGUFError for a file with which no model can read images here, and OSError."""
    pairs, _size = _pairs(path)
    if pairs.get("general.architecture") != "clip" or not pairs.get("clip.has_vision_encoder"):
        raise GGUFError(_("The file is no projector for images."))
    kind = pairs.get("clip.vision.projector_type") or pairs.get("clip.projector_type")
    if kind in UNSUPPORTED_PROJECTORS:
        raise GGUFError(_("Projectors of type %(type)s are not supported.") % {"type": kind})


def _pairs(path: Path) -> tuple[dict[str, Scalar], int]:
    """What the header says, and the file's size in bytes."""
    if not path.is_file():
        raise GGUFError(_("There is no file %(path)s.") % {"path": path})
    size = path.stat().st_size
    with path.open("rb") as file:
        return _read_pairs(_Cursor(file, size)), size


class _Cursor:
    """The place in the file, and how much is left of it."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def take(self, count: int) -> bytes:
        self._spend(count)
        taken = self._file.read(count)
        if len(taken) != count:
            raise GGUFError(_("The file ends in the middle of its header."))
        return taken

    def skip(self, count: int) -> None:
        self._spend(count)
        self._file.seek(count, 1)

    def number(self, code: str) -> int | float | bool:
        [value] = struct.unpack(f"<{code}", self.take(struct.calcsize(code)))
        return value  # type: ignore[no-any-return]

    def count(self, code: str = "Q") -> int:
        return int(self.number(code))

    def text(self) -> str:
        length = self.count()
        if length > LONGEST_TEXT:
            raise GGUFError(_("A text in the file's header is too long."))
        return self.take(length).decode(errors="replace")

    def _spend(self, count: int) -> None:
        if count > self._left:
            raise GGUFError(_("The file ends in the middle of its header."))
        self._left -= count


def _read_pairs(cursor: _Cursor) -> dict[str, Scalar]:
    """The single values that are of interest here; arrays (the vocabulary) are passed over."""
    if cursor.take(4) != MAGIC:
        raise GGUFError(_("The file is not in the GGUF format."))
    if (version := cursor.count("I")) not in VERSIONS:
        raise GGUFError(_("GGUF version %(version)s is not supported.") % {"version": version})
    if not cursor.count():
        raise GGUFError(_("The file holds a vocabulary without a model."))
    if (count := cursor.count()) > MOST_PAIRS:
        raise GGUFError(_("The file's header has too many entries."))
    pairs: dict[str, Scalar] = {}
    for _number in range(count):
        key = cursor.text()
        value = _read_value(cursor, cursor.count("I"))
        if value is not None and _is_of_interest(key):
            pairs[key] = value
    return pairs


def _is_of_interest(key: str) -> bool:
    return (
        key.startswith(("general.", "clip."))
        or key.endswith(".context_length")
        or key == "tokenizer.chat_template"
    )


def _read_value(cursor: _Cursor, kind: int) -> Scalar | None:
    if kind in NUMBERS:
        return cursor.number(NUMBERS[kind])
    if kind == TEXT:
        return cursor.text()
    if kind == ARRAY:
        _pass_array(cursor)
        return None
    raise GGUFError(_("The file's header has a value of an unknown kind."))


def _pass_array(cursor: _Cursor) -> None:
    kind, count = cursor.count("I"), cursor.count()
    if kind in NUMBERS:
        cursor.skip(count * struct.calcsize(NUMBERS[kind]))
    elif kind == TEXT and count <= MOST_ARRAY_TEXTS:
        for _number in range(count):
            cursor.skip(cursor.count())
    else:
        raise GGUFError(_("The file's header has a list that can't be read."))


def _whole(value: Scalar | None) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
