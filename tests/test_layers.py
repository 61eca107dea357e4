"""Which package may know which, read from the import statements of the source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("accounts", "inference", "conversations", "admin_panel", "chatsite")
PURE = (
    "backend",
    "cache",
    "embedding",
    "embedding_loop",
    "engine",
    "illustrated",
    "images",
    "ledger",
    "lookup",
    "pace",
    "prefix",
    "prompt",
    "rows",
    "sampling",
    "scheduler",
    "sequence",
    "states",
    "text",
    "threads",
    "turns",
)
"""Modules of the engine that tests drive without a model, a database or settings."""


@cache
def imports() -> dict[str, frozenset[str]]:
    """What each file of our packages imports, in full names: `from a import b` is `a.b`."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {
        str(file.relative_to(ROOT)): frozenset(_imported(file))
        for file in files
        if "migrations" not in file.parts
    }


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute here"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def importers(name: str) -> set[str]:
    return {
        file
        for file, imported in imports().items()
        if any(f"{module}.".startswith(f"{name}.") for module in imported)
    }


def files_of(package: str) -> set[str]:
    return {file for file in imports() if file.startswith(f"{package}/")}


@pytest.mark.parametrize(
    ("package", "unknown"),
    [
        ("accounts", "inference"),
        ("accounts", "conversations"),
        ("accounts", "admin_panel"),
        ("inference", "conversations"),
        ("inference", "admin_panel"),
        ("conversations", "admin_panel"),
    ],
)
def test_a_package_does_not_know_those_above_it(package: str, unknown: str) -> None:
    assert files_of(package) & importers(unknown) == set()


def test_only_chatsite_knows_chatsite() -> None:
    assert importers("chatsite") <= files_of("chatsite")


def test_one_package_knows_llama_cpp() -> None:
    users = importers("llama_cpp") | importers("inference.engine.llama.library")
    assert users <= files_of("inference/engine/llama")


def test_pages_do_not_reach_into_the_engine_or_the_worker() -> None:
    inside = importers("inference.engine") | importers("inference.worker")
    assert inside <= files_of("inference")


def test_the_channel_layer_has_one_publisher() -> None:
    known = {"conversations/notices.py", "conversations/consumers.py"}
    assert importers("channels.layers") <= known


@pytest.mark.parametrize("name", PURE)
def test_the_heart_of_the_engine_knows_neither_django_nor_llama(name: str) -> None:
    file = f"inference/engine/{name}.py"
    assert file not in importers("django") | importers("llama_cpp")


def test_the_scheduler_knows_no_thread() -> None:
    assert "inference/engine/scheduler.py" not in importers("threading")


def test_the_heart_of_the_engine_brings_neither_of_them_along() -> None:
    modules = [f"inference.engine.{name}" for name in PURE]
    assert loaded_by(*modules) & {"django", "llama_cpp", "redis"} == set()


def test_web_processes_do_not_load_the_model_library() -> None:
    loaded = loaded_by("chatsite.asgi", "chatsite.urls")
    assert loaded & {"llama_cpp", "numpy", "scipy", "choix"} == set()
    assert {"django", "conversations", "admin_panel"} <= loaded


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages in a fresh interpreter after these imports."""
    program = f"import sys, {', '.join(modules)}; print(*{{m.split('.')[0] for m in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())
