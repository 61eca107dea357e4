"""The next question of a conversation, whose earlier turns the server has computed before."""

import asyncio
from statistics import median

from bench import prompts
from bench.clients import user
from bench.record import Bound, Row
from bench.scenarios.scenario import Scenario
from bench.servers import Server

HISTORY, QUESTION, ANSWER = 500, 12, 12
"""Tokens; the history is about so long at the first turn that counts."""


PAUSE_SECONDS = 0.5
"""From an answer to the next question; people take longer."""


class NextTurn(Scenario):
    """Times to first token of short questions after a long history, with nothing else running."""

    async def measure(self, repeat: int) -> None:
        for server in self._peers.servers:
            self._record.add(_name(server), await self._time_to_first_token(server))

    async def _time_to_first_token(self, server: Server) -> float:
        stream = server.stream()
        messages = [user(prompts.text(HISTORY - ANSWER - 2 * prompts.TEMPLATE_TOKENS))]
        answer = await stream.ask(messages, ANSWER)
        seconds = []
        for _ in range(self._scale.samples):
            messages += [
                {"role": "assistant", "content": answer.text},
                user(prompts.text(QUESTION)),
            ]
            await asyncio.sleep(PAUSE_SECONDS)
            answer = await stream.ask(messages, ANSWER)
            seconds.append(answer.first_token_seconds)
        return median(seconds)

    def rows(self) -> list[Row]:
        names = [_name(server) for server in self._peers.servers]
        figure = "time to first token after 500 tokens of history, of the better llama-server's"
        ratios = self._record.ratio(names[2], *names[:2], best=min)
        return [Row(figure, ratios, Bound.AT_MOST, 1.1)]


def _name(server: Server) -> str:
    return f"{server.name}: s to first token, next turn"
