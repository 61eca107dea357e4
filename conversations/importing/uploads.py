"""Files as people upload them: JSON, or the ZIP that ChatGPT sends its users.

One conversation after the other is taken from the text, so that what is read needs little memory
beside it. A ZIP is read up to the limit, whatever it says of itself.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _

from conversations.importing.conversations import Limits, read, read_each
from conversations.importing.imported import Imported, Unreadable

UPLOAD = Limits(conversations=5000, messages=20_000)
MOST_BYTES = 50 * 1024 * 1024
LONGEST_DIRECTORY = 1024 * 1024
"""Bytes of a ZIP's list of files, which is read into memory when it is opened."""
IN_ZIP = "conversations.json"
END_RECORD, END_RECORD_BYTES, LONGEST_COMMENT = b"PK\x05\x06", 22, 0xFFFF
"""APPNOTE.TXT, 4.3.16: the directory's size stands 12 bytes after its beginning."""
LOCATOR, LOCATOR_BYTES = b"PK\x06\x07", 20
"""4.3.15: before it, where the directory may be larger than 4 GB."""
_BLANK = " \t\n\r"


def read_upload(file: IO[bytes]) -> list[Imported]:
    """Raises Unreadable."""
    text = _text(_unpacked(file))
    try:
        if text.startswith("["):
            return read_each(_items(text), UPLOAD)
        return read(_decoder().decode(text), UPLOAD)
    except json.JSONDecodeError as error:
        place = _("line %(line)d") % {"line": error.lineno}
        message = _("The file is not valid JSON: %(error)s, line %(line)d, column %(column)d.")
        parts = {"error": error.msg, "line": error.lineno, "column": error.colno}
        raise Unreadable(place, message % parts) from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("", _("The file is not JSON that can be read.")) from None


def _unpacked(file: IO[bytes]) -> bytes:
    if not zipfile.is_zipfile(file):
        file.seek(0)
        return _limited(file)
    if _has_long_directory(file):
        raise Unreadable("", _("The ZIP file has too many files in it."))
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if name.rpartition("/")[2] == IN_ZIP]
            if not names:
                message = _("There is no %(name)s in the ZIP file.") % {"name": IN_ZIP}
                raise Unreadable("", message)
            with archive.open(names[0]) as member:
                return _limited(member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Unreadable("", _("The ZIP file can’t be read.")) from None


def _has_long_directory(file: IO[bytes]) -> bool:
    """Whether the list of its files is too long, or of the form that is for longer ones."""
    file.seek(0, io.SEEK_END)
    file.seek(max(0, file.tell() - END_RECORD_BYTES - LONGEST_COMMENT - LOCATOR_BYTES))
    tail = file.read()
    at = tail.rfind(END_RECORD)
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    return size > LONGEST_DIRECTORY or LOCATOR in tail


def _limited(file: IO[bytes]) -> bytes:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        message = _("The file may have at most %(most)d MB.")
        raise Unreadable("", message % {"most": MOST_BYTES // 1024**2})
    return content


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").strip(_BLANK)
    except UnicodeDecodeError:
        raise Unreadable("", _("The file is not text in UTF-8.")) from None


def _items(text: str) -> Iterator[tuple[str, Any]]:
    """The items of a JSON array, each with its place."""
    decoder, at, number = _decoder(), _skip(text, 1), 0
    if text[at : at + 1] == "]":
        return
    while True:
        item, at = decoder.raw_decode(text, at)
        yield f"[{number}]", item
        number, at = number + 1, _skip(text, at)
        if text[at : at + 1] == "]":
            break
        if text[at : at + 1] != ",":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
        at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
