import struct
from pathlib import Path

import pytest

from inference import gguf
from tests.inference.gguf_files import MODEL, header, text, write


def test_it_reads_what_a_model_says_of_itself(tmp_path: Path) -> None:
    file = write(tmp_path / "tiny.gguf")

    assert gguf.read(file) == gguf.Header(
        architecture="llama",
        name="Tiny",
        context_length=512,
        has_chat_template=True,
        quantisation="Q8_0",
        size=file.stat().st_size,
    )


def test_it_does_without_what_is_optional(tmp_path: Path) -> None:
    file = write(tmp_path / "bare.gguf", {"general.architecture": "gpt2"})

    found = gguf.read(file)

    assert found.context_length is None
    assert not found.has_chat_template
    assert found.quantisation == ""


def pair(key: str, kind: int, rest: bytes) -> bytes:
    start = struct.pack("<4sIQQ", b"GGUF", 3, 1, 1)
    return start + text(key) + struct.pack("<I", kind) + rest


HOSTILE = {
    "empty": b"",
    "another format": b"PK\3\4" + b"\0" * 100,
    "an old version": header(MODEL, version=1),
    "big endian": struct.pack(">4sIQQ", b"GGUF", 3, 1, 0),
    "no tensors": header(MODEL, tensors=0),
    "no architecture": header({"general.name": "x"}),
    "an adapter": header({"general.architecture": "llama", "general.type": "adapter"}),
    "a projector": header({"general.architecture": "clip"}),
    "more pairs than bytes": struct.pack("<4sIQQ", b"GGUF", 3, 1, 60_000),
    "endless pairs": struct.pack("<4sIQQ", b"GGUF", 3, 1, 2**63),
    "a key longer than the file": struct.pack("<4sIQQQ", b"GGUF", 3, 1, 1, 2**40),
    "a text longer than the file": pair("general.name", 8, struct.pack("<Q", 1000)),
    "a huge text": pair("general.name", 8, struct.pack("<Q", 2**31)),
    "an unknown kind": pair("general.name", 99, b""),
    "numbers longer than the file": pair("x", 9, struct.pack("<IQ", 6, 2**62)),
    "texts longer than the file": pair("x", 9, struct.pack("<IQ", 8, 1000)),
    "endless texts": pair("x", 9, struct.pack("<IQ", 8, 2**62)),
    "lists in lists": pair("x", 9, struct.pack("<IQ", 9, 1)),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_it_refuses(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "bad.gguf"
    file.write_bytes(content)

    with pytest.raises(gguf.GGUFError):
        gguf.read(file)


def test_it_refuses_a_file_cut_off_anywhere_in_its_header(tmp_path: Path) -> None:
    whole = header(MODEL)
    file = tmp_path / "cut.gguf"

    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(gguf.GGUFError):
            gguf.read(file)


@pytest.mark.parametrize("name", ["missing.gguf", "."])
def test_it_refuses_what_is_no_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(gguf.GGUFError):
        gguf.read(tmp_path / name)
