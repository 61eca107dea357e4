"""What Parley's page costs its reader, in Chromium."""

from statistics import median

from playwright.async_api import Browser as Chromium

from bench import prompts
from bench.chromium import Visit, chromium, read, visit
from bench.record import Bound, Record, Row
from bench.scenarios.scenario import LONG, Peers, Scale, Scenario

MESSAGES = 1_000
TOKENS_QUICK = 400
MOST_KIB, MOST_PAINT_MS, MOST_OPEN_MS = 150, 500, 1_000
WEIGHT = "page: KiB transferred"
REQUESTS = "page: requests"
PAINT = "page: ms to first contentful paint"
OPEN = f"page: ms until a conversation of {MESSAGES:,} messages is loaded"
TRAFFIC = "page: bytes per token of a stream"
BUSY = "page: main thread, ms per token of a stream"


class Browser(Scenario):
    """A page with an empty cache, a long conversation, and a long answer."""

    def __init__(self, peers: Peers, scale: Scale, record: Record) -> None:
        super().__init__(peers, scale, record)
        self._tokens = TOKENS_QUICK if scale.is_quick else LONG
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
                await self._read(browser)

    async def _read(self, browser: Chromium) -> None:
        self._peers.parley.change_model(max_tokens=self._tokens)
        reader, question = self._reader, prompts.question()
        reading = await read(browser, reader.url, reader.cookies, question, self._tokens)
        self._record.add(TRAFFIC, reading.bytes / reading.tokens)
        self._record.add(BUSY, 1000 * reading.busy_seconds / reading.tokens)

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
            Row(f"{TRAFFIC}, {self._tokens:,} tokens", self._record.of(TRAFFIC), form="{:.0f}"),
            Row(f"{BUSY}, {self._tokens:,} tokens", self._record.of(BUSY), form="{:.2f}"),
        ]
