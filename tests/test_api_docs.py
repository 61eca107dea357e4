"""The examples of docs/api.md, run as they stand against the running platform."""

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.platform import Platform

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "api.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    language: str
    text: str
    line: int
    shown: str
    """The block that follows it, if that shows what comes of it."""


def examples(language: str) -> list[Example]:
    page = PAGE.read_text()
    blocks = [*BLOCK.finditer(page), None]
    return [
        Example(language, block[2], page.count("\n", 0, block.start()) + 1, _shown(following))
        for block, following in pairwise(blocks)
        if block and block[1] == language
    ]


def _shown(block: "re.Match[str] | None") -> str:
    return block[2] if block and block[1] in ("json", "text") else ""


@pytest.fixture(scope="module")
def reached(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the page has its readers put into the environment; and have curl tell of errors."""
    home = tmp_path_factory.mktemp("curl")
    (home / ".curlrc").write_text("fail-with-body\n")
    return {"URL": platform.url, "KEY": platform.api_key, "CURL_HOME": str(home)}


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine")
@pytest.mark.parametrize("example", examples("sh"), ids=lambda example: f"line {example.line}")
def test_with_curl(example: Example, reached: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example.text],
        env=os.environ | reached,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    if example.shown.startswith(("{", "[")):
        assert shape(json.loads(done.stdout)) == shape(json.loads(example.shown))
    else:
        assert fields(example.shown) <= fields(done.stdout)


def shape(value: Any) -> Any:
    """The names in it. Lists are as their first item, and numbers and texts are alike."""
    match value:
        case dict():
            return {name: shape(item) for name, item in value.items()}
        case [first, *_rest]:
            return [shape(first)]
        case []:
            return []
    return None


def fields(stream: str) -> set[str]:
    """The names of a stream's events, and those in their data."""
    events = set(re.findall(r"^event: .*$", stream, re.MULTILINE))
    return events | set(re.findall(r'"\w+":', stream))


def test_every_code_of_an_error_is_told() -> None:
    rows = re.findall(r"^\| [0-9, ]+ \| (.*?) \|", PAGE.read_text(), re.MULTILINE)
    told = {code for row in rows for code in re.findall(r"`(\w+)`", row)}

    assert told == set(codes())


def codes() -> Iterator[str]:
    """Those that the source gives to problems."""
    for package in ("accounts", "conversations", "inference", "chatsite"):
        for file in (ROOT / package).rglob("*.py"):
            yield from re.findall(r'Problem\(\s*\d{3},\s*"(\w+)"', file.read_text())
    by_status = (ROOT / "inference" / "api" / "errors.py").read_text()
    yield from re.findall(r'\d{3}: \("(\w+)", _\(', by_status)


def test_in_python(reached: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, as they build on each other."""
    for name, value in reached.items():
        monkeypatch.setenv(name, value)
    session: dict[str, Any] = {}
    said = io.StringIO()

    for example in examples("python"):
        lines = "\n" * example.line + example.text
        with contextlib.redirect_stdout(said):
            exec(compile(lines, PAGE, "exec"), session)

    told = said.getvalue()
    assert "done" in told  # the answer in a conversation
    assert "invalid_value temperature" in told  # the error
