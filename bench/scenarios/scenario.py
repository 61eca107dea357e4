"""What all scenarios share."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.clients import Message, Trace
from bench.record import Record, Row
from bench.servers import LlamaServer, Parley, Server

SETTLE_SECONDS = 1.0
"""What a server gets to notice that its readers have hung up."""
PATIENCE_SECONDS = 60.0
LONG = 4_000
"""Tokens of an answer that is to last as long as the scenario."""


@dataclass(frozen=True)
class Scale:
    """How long it may take."""

    is_quick: bool = False
    repeats: int = 3
    tokens: dict[int, int] = field(default_factory=lambda: {1: 128, 4: 96, 16: 80})
    """Of each answer, by the number of streams."""
    samples: int = 5
    """Times to first token that one median is taken of."""
    window_seconds: float = 8.0
    """How long streams are counted beside a busy process, and before."""


QUICK = Scale(
    is_quick=True,
    repeats=1,
    tokens={1: 32, 16: 40},
    samples=3,
    window_seconds=2.5,
)


@dataclass(frozen=True)
class Peers:
    """All are up all the time; those that are not being measured are idle."""

    model: Path
    default: LlamaServer
    tuned: LlamaServer
    parley: Parley

    @property
    def servers(self) -> list[Server]:
        return [self.default, self.tuned, self.parley]


class Scenario(ABC):
    def __init__(self, peers: Peers, scale: Scale, record: Record) -> None:
        self._peers = peers
        self._scale = scale
        self._record = record

    @abstractmethod
    async def measure(self, repeat: int) -> None:
        """Once for every peer, one right after the other."""

    @abstractmethod
    def rows(self) -> list[Row]: ...

    @property
    def _rivals(self) -> tuple[LlamaServer, ...]:
        """Those that are compared where measuring one takes long."""
        default, tuned = self._peers.default, self._peers.tuned
        return (default,) if self._scale.is_quick else (default, tuned)


@asynccontextmanager
async def load(
    server: Server,
    asked: Sequence[Sequence[Message]],
    tokens: int = LONG,
    reader: int | None = None,
) -> AsyncIterator[list[Trace]]:
    """Answers being written, each for another reader, or all for one. Leaving hangs them up."""
    now = time.monotonic()
    traces = [Trace(now) for _ in asked]
    readers = range(len(asked)) if reader is None else [reader] * len(asked)
    tasks = [
        asyncio.create_task(server.stream(one).ask(messages, tokens, trace))
        for one, messages, trace in zip(readers, asked, traces, strict=True)
    ]
    try:
        yield traces
        for task in tasks:
            if task.done():
                task.result()  # raises what went wrong
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(SETTLE_SECONDS)


async def started(traces: Sequence[Trace], tokens: int = 1) -> None:
    """Until every answer has so many tokens. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while any(trace.tokens < tokens for trace in traces):
            await asyncio.sleep(0.005)
