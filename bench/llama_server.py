"""llama.cpp's own server, built from the source inside the llama-cpp-python package.

So both sides of the comparison are the same llama.cpp, compiled by the same CMake project with the
same options for the processor.
"""

import os
import re
import shlex
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

PACKAGE = "llama-cpp-python"
TARGET = "llama-server"
OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release",  # what the package's own build says
    "-DLLAVA_BUILD=OFF",
    "-DLLAMA_BUILD_TOOLS=ON",
    "-DLLAMA_BUILD_SERVER=ON",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    # Neither built from JavaScript nor downloaded; nor is HTTPS of use here.
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_OPENSSL=OFF",
)
JOBS = 2


def build(cache: Path) -> Path:
    """The path of the executable; built when it is not there. Minutes, the first time."""
    folder = cache / f"{TARGET}-{version(PACKAGE)}"
    executable = folder / "build" / "bin" / TARGET
    done = folder / "built"
    if not done.exists():
        source = _source(folder)
        print(f"Building {TARGET}; this takes some minutes and happens once.", file=sys.stderr)
        options = [*OPTIONS, *shlex.split(os.environ.get("CMAKE_ARGS", ""))]
        with (folder / "log").open("w") as log:
            _run(["cmake", "-S", str(source), "-B", str(folder / "build"), *options], log.fileno())
            target = ["--target", TARGET, "-j", str(JOBS)]
            _run(["cmake", "--build", str(folder / "build"), *target], log.fileno())
        done.touch()
    return executable


def _source(folder: Path) -> Path:
    """The package's source, downloaded and unpacked in `folder`."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    wanted = ["--no-deps", "--no-binary", PACKAGE, f"{PACKAGE}=={version(PACKAGE)}"]
    folder.mkdir(parents=True, exist_ok=True)
    _run([*pip, *wanted, "--dest", str(folder)], sys.stderr.fileno())
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    return folder / re.sub(r"\.tar\.gz$", "", archive.name)


def _run(command: list[str], output: int) -> None:
    """At the lowest priority, so that a build leaves the machine usable."""
    line = ["nice", "-n", "15", *command]
    if subprocess.run(line, stdout=output, stderr=output).returncode:
        raise SystemExit(f"This failed: {shlex.join(command)}; see the log beside its output.")
