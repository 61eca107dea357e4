"""Compare Parley with the bare decode loop and with llama.cpp's own server.

python -m bench                         everything; less than 20 minutes
python -m bench --quick                 once, and shorter; less than 3 minutes
python -m bench --only streams crowd    some of it
"""

import argparse
import asyncio
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import llama_server, model, prompts, report
from bench.clients import user
from bench.record import Record
from bench.scenarios import ALL, Peers, Scale, Scenario
from bench.scenarios.scenario import QUICK
from bench.servers import LlamaServer, Parley

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".bench"
LATEST = ROOT / "bench" / "latest.md"
TUNED = ("-np", "16", "-b", "64", "-ub", "64", "-kvu")
READERS = 17
"""The most that are answered at once, and one who comes later."""


def main() -> int:
    arguments = _arguments()
    scale = QUICK if arguments.quick else Scale()
    gguf = model.make(prompts.TOKENIZER, CACHE)
    executable = llama_server.build(CACHE)
    record = Record()
    began, load = time.monotonic(), os.getloadavg()[0]
    with _peers(gguf, executable, scale) as peers:
        scenarios = {name: ALL[name](peers, scale, record) for name in arguments.only}
        failed = asyncio.run(_measure(peers, scenarios, scale.repeats))
    rows = [row for name in scenarios if name not in failed for row in scenarios[name].rows()]
    minutes = (time.monotonic() - began) / 60
    took = f"{scale.repeats} interleaved repeats took {minutes:.0f} minutes; the machine's load was"
    remarks = [f"{took} {load:.1f} before.", *(f"**{name}** failed." for name in failed)]
    text = report.markdown(rows, record, remarks)
    LATEST.write_text(text)
    print(text)
    return 1 if failed else 0


@contextmanager
def _peers(gguf: Path, executable: Path, scale: Scale) -> Iterator[Peers]:
    with ExitStack() as stack:
        default = LlamaServer("llama-server", executable, gguf)
        stack.callback(default.stop)
        tuned = LlamaServer("tuned llama-server", executable, gguf, *TUNED)
        stack.callback(tuned.stop)
        parley = Parley(gguf, READERS)
        stack.callback(parley.stop)
        yield Peers(gguf, default, tuned, parley)


async def _measure(peers: Peers, scenarios: dict[str, Scenario], repeats: int) -> list[str]:
    """The names of those that failed, which are not measured again."""
    failed: list[str] = []
    for server in peers.servers:  # the first request may load the model
        await server.stream().ask([user(prompts.question())], 8)
    for repeat in range(repeats):
        for name, scenario in scenarios.items():
            if name in failed:
                continue
            began = time.monotonic()
            try:
                await scenario.measure(repeat)
            except Exception:  # the others can still be measured
                traceback.print_exc()
                failed.append(name)
            seconds = time.monotonic() - began
            print(f"{name}, {repeat + 1} of {repeats}: {seconds:.0f} s", file=sys.stderr)
    return failed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="once, and shorter")
    parser.add_argument("--only", nargs="+", choices=ALL, default=list(ALL), metavar="NAME")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
