"""One more person, with the system prompt that everybody has, while all slots are busy."""

from bench import prompts
from bench.clients import Message, user
from bench.record import Bound, Record, Row
from bench.scenarios.scenario import Peers, Scale, Scenario, load, started
from bench.servers import LlamaServer, Server

SYSTEM, QUESTION = 500, 12
BUSY_TOKENS = 128
QUICK_BUSY_TOKENS = 64
"""Of each answer being written: what a newcomer may have to wait for."""
MOST_WITH_SYSTEM_PROMPT = 4
"""More others have none: reading it for each takes llama-server longer than their answers last."""


class SharedPrefix(Scenario):
    """As many answers are being written as llama-server writes at once, each for another person,
    when one more asks under a system prompt that somebody has used before. In Parley it is the
    model's system prompt, so that people may share what is computed of it."""

    def __init__(self, peers: Peers, scale: Scale, record: Record) -> None:
        super().__init__(peers, scale, record)
        self._busy_tokens = QUICK_BUSY_TOKENS if scale.is_quick else BUSY_TOKENS

    async def measure(self, repeat: int) -> None:
        for rival in self._rivals:
            text = prompts.text(SYSTEM)
            self._peers.parley.change_model(system_prompt=text)
            for server in (rival, self._peers.parley):
                seconds = await self._time_to_first_token(server, text, rival.slots)
                self._record.add(_name(server, rival), seconds)
            self._peers.parley.change_model(system_prompt="")

    async def _time_to_first_token(self, server: Server, system: str, busy: int) -> float:
        theirs = system if busy <= MOST_WITH_SYSTEM_PROMPT else ""
        others = [_question(theirs) for _ in range(busy)]
        await server.stream().ask(_question(system), 1)
        async with load(server, others, self._busy_tokens) as running:
            await started(running, 4)
            newcomer = await server.stream(busy).ask(_question(system), 4)
        return newcomer.first_token_seconds

    def rows(self) -> list[Row]:
        return [
            Row(
                "time to first token under a shared system prompt of 500 tokens"
                f" while {rival.slots} others are answered, of {rival.name}'s",
                self._record.ratio(_name(self._peers.parley, rival), _name(rival, rival)),
                Bound.AT_MOST,
                0.2,
            )
            for rival in self._rivals
        ]


def _question(system: str = "") -> list[Message]:
    instructions = [{"role": "system", "content": system}] if system else []
    return [*instructions, user(prompts.text(QUESTION))]


def _name(server: Server, rival: LlamaServer) -> str:
    return f"{server.name}: s to first token under a shared prompt, {rival.slots} busy"
