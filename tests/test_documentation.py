"""What the documentation and the compose file say, held against the code."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "chatsite" / "settings.py"
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]

READERS = ("text", "flag", "whole", "decimal", "choice", "names", "directory")
READ_BY_OTHERS = {
    "DJANGO_SUPERUSER_EMAIL",
    "DJANGO_SUPERUSER_PASSWORD",
    "HF_TOKEN",
    "POSTGRES_PASSWORD",
}
"""Documented variables that are no settings."""
FIXED_IN_CONTAINERS = {"HOST", "PORT"}
"""In compose these say where the web container's port is published."""


def settings_read() -> dict[str, ast.Call]:
    """The call that reads each variable of the settings, by the variable's name."""
    calls = [node for node in ast.walk(ast.parse(SETTINGS.read_text())) if _is_reader(node)]
    return {call.args[0].value: call for call in calls if isinstance(call.args[0], ast.Constant)}


def _is_reader(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not node.args:
        return False
    if isinstance(node.func, ast.Attribute):  # env.str("NAME") and its like
        return isinstance(node.func.value, ast.Name) and node.func.value.id == "env"
    return isinstance(node.func, ast.Name) and node.func.id in READERS


def default_of(call: ast.Call) -> str | None:
    """As the table writes it; None where it is not a constant."""
    given = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "default")]
    try:
        value = ast.literal_eval(given[0]) if given else ""
    except ValueError:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)


def table_rows() -> dict[str, str]:
    """The default of each variable in the README's tables."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", README.read_text(), re.MULTILINE)
    return {name: default.strip().strip("`") for name, default in rows}


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assigned = (re.match(r"(?:# )?([A-Z_]+)=(.*)", line) for line in lines)
    return {found[1]: found[2].strip("'") for found in assigned if found}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def code_in(page: Path) -> str:
    """What a page shows as code, inline or in blocks."""
    fenced = r"^```.*?^```"
    text = page.read_text()
    blocks = re.findall(fenced, text, re.MULTILINE | re.DOTALL)
    rest = re.sub(fenced, "", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`[^`\n]+`", rest)])


def test_the_readme_lists_every_variable_and_no_other() -> None:
    assert len(settings_read()) > 20
    assert set(table_rows()) == set(settings_read()) | READ_BY_OTHERS


def test_the_readme_tells_the_defaults() -> None:
    told = table_rows()
    for name, call in settings_read().items():
        if default := default_of(call):
            assert told[name] == default, name


def test_the_example_lists_every_variable_and_no_other() -> None:
    assert set(example()) == set(settings_read()) | READ_BY_OTHERS


def test_the_example_shows_values_that_the_settings_accept() -> None:
    shown = example()
    for name, call in settings_read().items():
        if call.func.id in ("whole", "decimal", "flag"):  # type: ignore[attr-defined]
            assert shown[name] == default_of(call), name


@pytest.mark.parametrize("service", ["prepare", "web", "worker"])
def test_compose_passes_every_variable_on(service: str) -> None:
    passed = compose()["services"][service]["environment"]
    assert set(settings_read()) - FIXED_IN_CONTAINERS <= set(passed)


def test_every_variable_that_compose_asks_for_is_in_the_example() -> None:
    asked = re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())
    assert set(asked) <= set(example())


@pytest.mark.parametrize("name", ["SECRET_KEY", "POSTGRES_PASSWORD"])
def test_compose_refuses_to_start_without_a_secret(name: str) -> None:
    uses = re.findall(rf"\$\{{{name}(.*?)\}}", (ROOT / "docker-compose.yml").read_text())
    assert uses
    assert all(use.startswith(":?") for use in uses)


def test_workers_can_be_scaled() -> None:
    worker = compose()["services"]["worker"]
    assert not {"container_name", "hostname", "ports"} & set(worker)


def test_containers_run_what_the_procfile_runs() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    procfile = {name: shlex.split(line) for name, _, line in (li.partition(":") for li in lines)}
    for name in ("web", "worker"):
        command = compose()["services"][name]["command"]
        words = {part for word in command for part in word.split("=", 1)}
        assert set(_without_its_own(procfile[name])) <= words, name


def _without_its_own(words: list[str]) -> Iterator[str]:
    """Without the shell's part, and values that are a container's own matter."""
    return (word for word in words if word != "exec" and "$" not in word)


def test_the_image_is_built_with_the_same_options() -> None:
    options = r"-D(?:LL|MT)[A-Z_]+=OFF|SKBUILD_BUILD_TARGETS=\S+"
    made, image = ((ROOT / name).read_text() for name in ("Makefile", "Dockerfile"))
    assert set(re.findall(options, made)) == set(re.findall(options, image)) != set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_that_a_page_shows_exist(page: Path) -> None:
    shown = re.findall(r"manage\.py ([a-z_]+)", code_in(page))
    assert set(shown) <= set(get_commands())
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z]+)", code_in(page))) <= set(targets)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    for link in links:
        if "://" not in link:
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_and_names_of_code_on_a_page_exist(page: Path) -> None:
    """`path/file.py:Class.method`, or the path alone."""
    files = re.findall(r"`([a-z_./]+\.(?:py|html|css|js|yml))(?::([\w.]+))?`", page.read_text())
    for path, name in files:
        assert (ROOT / path).is_file(), path
        assert not name or name in _names_in(ROOT / path), f"{path}:{name}"


def _names_in(file: Path) -> set[str]:
    return set(_defined(ast.parse(file.read_text()), ""))


def _defined(node: ast.AST, prefix: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}"
        elif isinstance(child, ast.ClassDef):
            yield f"{prefix}{child.name}"
            yield from _defined(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.Assign | ast.AnnAssign):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            yield from (f"{prefix}{name.id}" for name in targets if isinstance(name, ast.Name))
