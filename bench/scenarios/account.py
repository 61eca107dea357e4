"""Whether everybody is charged for what was generated for them."""

from bench.record import Bound, Record, Row
from bench.scenarios.scenario import Peers, Scale


class Account:
    """Compares, of every run of this bench so far, its usage with the tokens in its log."""

    def __init__(self, peers: Peers, scale: Scale, record: Record) -> None:
        self._parley = peers.parley
        self._last = scale.repeats - 1
        self._accounts: list[tuple[int, int]] = []

    async def measure(self, repeat: int) -> None:
        if repeat == self._last:
            self._accounts = self._parley.ask("account")

    def rows(self) -> list[Row]:
        wrong = sum(used != logged for used, logged in self._accounts)
        figure = f"of {len(self._accounts):,} runs, those whose usage is not what was logged"
        return [Row(figure, [wrong], Bound.AT_MOST, 0, "{:.0f}")]
