"""A long prompt arrives while others read their answers."""

from bench import prompts
from bench.clients import user
from bench.record import Bound, Row
from bench.scenarios.scenario import Scenario, load, started
from bench.servers import Server

STREAMS, PROMPT = 3, 1_500
"""llama-server writes four answers at once by default: so the prompt does not wait for a slot."""


class Arrival(Scenario):
    """The longest that any running answer stands still, from the arrival to its first token."""

    async def measure(self, repeat: int) -> None:
        for server in (*self._rivals, self._peers.parley):
            gap, wait = await self._longest_gap(server)
            self._record.add(_gap(server), gap)
            self._record.add(f"{server.name}: s to first token of a long prompt", wait)

    async def _longest_gap(self, server: Server) -> tuple[float, float]:
        asked = [[user(prompts.question())] for _ in range(STREAMS)]
        async with load(server, asked) as running:
            await started(running, 8)
            arrived = await server.stream(STREAMS).ask([user(prompts.text(PROMPT))], 1)
            end = arrived.arrivals[0].at
            await started(running, max(trace.tokens for trace in running) + 2)
        gap = max(trace.longest_gap(arrived.asked_at, end) for trace in running)
        return gap, arrived.first_token_seconds

    def rows(self) -> list[Row]:
        return [self._row(rival) for rival in self._rivals]

    def _row(self, rival: Server) -> Row:
        figure = "longest gap in running answers while a prompt of 1,500 tokens arrives"
        is_default = rival is self._peers.default
        return Row(
            f"{figure}, of {rival.name}'s",
            self._record.ratio(_gap(self._peers.parley), _gap(rival)),
            Bound.AT_MOST if is_default else Bound.NONE,
            0.1,
        )


def _gap(server: Server) -> str:
    return f"{server.name}: s of the longest gap"
