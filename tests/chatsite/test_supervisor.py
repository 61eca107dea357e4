import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = """
import sys
from chatsite import supervisor
supervisor.FIRST_DELAY = 0.05
commands = {
    "a": "echo $$ >> a; exec sleep 60",
    "b": "echo $$ >> b; trap 'echo bye > bye; exit' TERM; sleep 60 & wait",
}
processes = [supervisor.Process(*command, delay=0.05) for command in commands.items()]
supervisor.Supervisor(processes).run()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()


def pids(file: Path, count: int) -> list[int]:
    for _ in range(500):
        if file.exists() and len(found := file.read_text().split()) >= count:
            return [int(pid) for pid in found]
        time.sleep(0.02)
    raise AssertionError(f"{file.name} was not started {count} times")


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_process_that_dies_is_started_again_and_the_others_stay(
    supervisor: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    [first] = pids(tmp_path / "a", 1)
    [other] = pids(tmp_path / "b", 1)

    os.kill(first, signal.SIGKILL)

    assert is_alive(pids(tmp_path / "a", 2)[1])
    assert is_alive(other)
    assert (tmp_path / "b").read_text().split() == [str(other)]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ending_it_ends_all_and_lets_them_clean_up(
    supervisor: "subprocess.Popen[str]", tmp_path: Path, sign: signal.Signals
) -> None:
    [a], [b] = pids(tmp_path / "a", 1), pids(tmp_path / "b", 1)

    supervisor.send_signal(sign)
    assert supervisor.wait(10) == 0

    assert (tmp_path / "bye").exists()
    assert not is_alive(a)
    assert not is_alive(b)
