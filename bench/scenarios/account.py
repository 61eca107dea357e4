"""Whether everybody is charged for what was generated for them."""

from bench.record import Bound, Record, Row
from bench.scenarios.scenario import Peers, Scale, Scenario


class Account(Scenario):
    """Compares, of every run of this bench so far, its usage with the tokens in its log."""

    def __init__(self, peers: Peers, scale: Scale, record: Record) -> None:
        super().__init__(peers, scale, record)
        self._accounts: list[tuple[int, int]] = []

    async def measure(self, repeat: int) -> None:
        if repeat == self._scale.repeats - 1:
            self._accounts = self._peers.parley.ask("account")

    def rows(self) -> list[Row]:
        wrong = sum(used != logged for used, logged in self._accounts)
        figure = f"of {len(self._accounts):,} runs, those whose usage is not what was logged"
        return [Row(figure, [wrong], Bound.AT_MOST, 0, "{:.0f}")]
