"""Somebody with one chat beside somebody with twelve."""

from statistics import median

from bench import prompts
from bench.clients import user
from bench.record import Bound, Row
from bench.scenarios.scenario import Scenario, load, started

CHATS = 12
MODEST, BUSY = 0, 1


class Crowd(Scenario):
    """Times to first token of one person's questions, alone and beside the other's answers."""

    async def measure(self, repeat: int) -> None:
        self._record.add("Parley: s to first token, alone", await self._median())
        chats = [[user(prompts.question())] for _ in range(CHATS)]
        async with load(self._peers.parley, chats, reader=BUSY) as running:
            await started(running)
            beside = await self._median()
        self._record.add(f"Parley: s to first token, beside {CHATS} chats", beside)

    async def _median(self) -> float:
        stream = self._peers.parley.stream(MODEST)
        answers = [
            await stream.ask([user(prompts.question())], 2) for _ in range(self._scale.samples)
        ]
        return median(answer.first_token_seconds for answer in answers)

    def rows(self) -> list[Row]:
        ratios = self._record.ratio(
            f"Parley: s to first token, beside {CHATS} chats", "Parley: s to first token, alone"
        )
        figure = "time to first token of a user with 1 chat beside one with 12, of what it is alone"
        return [Row(figure, ratios, Bound.AT_MOST, 2)]
