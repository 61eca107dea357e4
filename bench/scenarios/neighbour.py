"""Another process on the same machine wants a core for itself."""

import asyncio
import time

from bench import prompts
from bench.clients import Trace, rate_between, user
from bench.machine import busy_neighbour
from bench.record import Bound, Row
from bench.scenarios.scenario import Scenario, load, started

STREAMS = 4
ADJUST_SECONDS = 1.0
QUIET, BESIDE = "quiet", "beside a busy process"


class Neighbour(Scenario):
    """Tokens per second of running answers, before and beside a busy process."""

    async def measure(self, repeat: int) -> None:
        for server in self._peers.servers:
            asked = [[user(prompts.question())] for _ in range(STREAMS)]
            async with load(server, asked) as running:
                await started(running, 2)
                self._record.add(_name(server.name, QUIET), await self._rate(running))
                with busy_neighbour():
                    await asyncio.sleep(ADJUST_SECONDS)
                    self._record.add(_name(server.name, BESIDE), await self._rate(running))

    async def _rate(self, running: list[Trace]) -> float:
        begin = time.monotonic()
        await asyncio.sleep(self._scale.window_seconds)
        return rate_between(running, begin, time.monotonic())

    def rows(self) -> list[Row]:
        beside = [_name(server.name, BESIDE) for server in self._peers.servers]
        quiet = [_name(server.name, QUIET) for server in self._peers.servers]
        ratio = self._record.ratio
        return [
            Row(
                f"tokens/s of {STREAMS} streams beside a busy process,"
                " of the better llama-server's",
                ratio(beside[2], *beside[:2]),
                Bound.AT_LEAST,
                2,
            ),
            Row("the same, of what Parley does on a quiet machine", ratio(beside[2], quiet[2])),
            Row(
                f"tokens/s of {STREAMS} streams on a quiet machine, of the better llama-server's",
                ratio(quiet[2], *quiet[:2]),
            ),
        ]


def _name(server: str, machine: str) -> str:
    return f"{server}: tokens/s of {STREAMS} streams, {machine}"
