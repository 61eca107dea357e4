"""What Parley's page costs its reader, in Chromium."""

from statistics import median

from playwright.async_api import Browser as Chromium

from bench import prompts
from bench.chromium import Visit, chromium, read, visit
from bench.record import Bound, Record, Row
from bench.scenarios.scenario import LONG, Peers, Scale, Scenario

MESSAGES = 1_000
LONG_QUICK = 400
SHORTER = 4
"""So many times: another answer, to see that traffic and work are in proportion to the length."""
MOST_GROWTH = 1.1
MOST_KIB, MOST_PAINT_MS, MOST_OPEN_MS = 150, 500, 1_000
WEIGHT = "page: KiB transferred"
REQUESTS = "page: requests"
PAINT = "page: ms to first contentful paint"
OPEN = f"page: ms until a conversation of {MESSAGES:,} messages is loaded"
TRAFFIC = "page: bytes per token"
BUSY = "page: main thread, ms per token"


class Browser(Scenario):
    """A page with an empty cache, a long conversation, and a long answer."""

    def __init__(self, peers: Peers, scale: Scale, record: Record) -> None:
        super().__init__(peers, scale, record)
        self._long = LONG_QUICK if scale.is_quick else LONG
        self._short = self._long // SHORTER
        self._reader = peers.parley.pages[0]

    async def measure(self, repeat: int) -> None:
        parley, reader = self._peers.parley, self._reader
        talk = parley.ask("talk", reader.email, str(MESSAGES))
        async with chromium() as browser:
            await visit(browser, reader.url, talk, reader.cookies)  # starts Chromium's processes
            visits = [
                await visit(browser, reader.url, talk, reader.cookies)
                for _ in range(self._scale.samples)
            ]
            self._note(visits)
            if repeat == 0:  # it takes minutes, and differs little
                await self._read(browser, self._short)
                await self._read(browser, self._long)

    async def _read(self, browser: Chromium, tokens: int) -> None:
        self._peers.parley.change_model(max_tokens=tokens)
        reader, question = self._reader, prompts.question()
        reading = await read(browser, reader.url, reader.cookies, question, tokens)
        self._record.add(_of(TRAFFIC, tokens), reading.bytes / reading.tokens)
        self._record.add(_of(BUSY, tokens), 1000 * reading.busy_seconds / reading.tokens)

    def _note(self, visits: list[Visit]) -> None:
        self._record.add(WEIGHT, median(one.bytes for one in visits) / 1024)
        self._record.add(REQUESTS, median(one.requests for one in visits))
        self._record.add(PAINT, median(one.paint_ms for one in visits))
        self._record.add(OPEN, median(one.loaded_ms for one in visits))

    def rows(self) -> list[Row]:
        return [
            Row(WEIGHT, self._record.of(WEIGHT), Bound.AT_MOST, MOST_KIB, "{:.0f}"),
            Row(PAINT, self._record.of(PAINT), Bound.AT_MOST, MOST_PAINT_MS, "{:.0f}"),
            Row(OPEN, self._record.of(OPEN), Bound.AT_MOST, MOST_OPEN_MS, "{:.0f}"),
            *self._proportion(TRAFFIC, "{:.0f}"),
            *self._proportion(BUSY, "{:.2f}"),
        ]

    def _proportion(self, figure: str, form: str) -> list[Row]:
        long, short = _of(figure, self._long), _of(figure, self._short)
        growth = self._record.ratio(long, short)
        return [
            Row(long, self._record.of(long), form=form),
            Row(f"the same, of what it is at {self._short:,}", growth, Bound.AT_MOST, MOST_GROWTH),
        ]


def _of(figure: str, tokens: int) -> str:
    return f"{figure} of {tokens:,} tokens"
