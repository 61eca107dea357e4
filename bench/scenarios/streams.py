"""Throughput at 1, 4 and 16 streams, what the web costs beside it, and the way to the browser."""

import asyncio
import time
from itertools import pairwise
from statistics import median

from bench import bare, probe, prompts
from bench.clients import Trace, joint_rate, user, whole_rate
from bench.record import Bound, Row
from bench.scenarios.scenario import Scenario, started
from bench.servers import LlamaServer, Server

MOST = 16
SSE, PAGE = "Parley, SSE", "Parley, page"
DELAY = f"Parley, page: ms from sample to browser at {MOST}"


class Streams(Scenario):
    """All ask at once, each something else; all peers get the same prompts."""

    async def measure(self, repeat: int) -> None:
        for streams, tokens in self._scale.tokens.items():
            asked = [prompts.question() for _ in range(streams)]
            measures = [
                self._bare(asked, tokens),
                *(self._server(rival, asked, tokens) for rival in self._rivals(streams)),
                self._parley(SSE, asked, tokens),
                self._parley(PAGE, asked, tokens),
            ]
            self._peers.parley.change_model(max_tokens=tokens)
            for measure in measures[:: -1 if repeat % 2 else 1]:
                await measure

    def _rivals(self, streams: int) -> list[LlamaServer]:
        """The quick form leaves out what writes these answers one batch after the other."""
        rivals = [self._peers.default, self._peers.tuned]
        return [r for r in rivals if streams <= r.slots or not self._scale.is_quick]

    async def _bare(self, asked: list[str], tokens: int) -> None:
        timing = await asyncio.to_thread(bare.measure, self._peers.model, asked, tokens)
        self._add("bare loop", timing.streams, timing.whole_rate, timing.decode_rate)
        self._record.add(_first("bare loop", timing.streams), timing.prefill_seconds * 1000)

    async def _server(self, server: Server, asked: list[str], tokens: int) -> None:
        traces = await _ask_all(server, asked, tokens)
        self._add(server.name, len(asked), whole_rate(traces))
        self._record.add(_first(server.name, len(asked)), _first_token_ms(traces))

    async def _parley(self, way: str, asked: list[str], tokens: int) -> None:
        traces = [Trace(time.monotonic()) for _ in asked]
        readers = list(zip(asked, traces, strict=True))
        if way == PAGE:
            pages = self._peers.parley.pages
            answers = [pages[i].ask(text, trace) for i, (text, trace) in enumerate(readers)]
        else:
            answers = [
                self._peers.parley.stream(i).ask([user(text)], tokens, trace)
                for i, (text, trace) in enumerate(readers)
            ]
        before = self._peers.parley.cpu_seconds()
        tasks = [asyncio.create_task(answer) for answer in answers]
        used = await self._cpu_while_all_write(tasks, traces)
        await asyncio.gather(*tasks)
        after = self._peers.parley.cpu_seconds()
        around = sum(after[part] - before[part] for part in ("web", "Redis"))
        self._record.add(_around(way, len(asked)), around / (len(asked) * tokens) * 1000)
        self._add(way, len(asked), whole_rate(traces), joint_rate(traces))
        self._record.add(_first(way, len(asked)), _first_token_ms(traces))
        for part, seconds in used.items():
            self._record.add(f"{way}: CPU s per 1,000 tokens at {len(asked)}, {part}", seconds)
        if len(asked) == MOST:
            self._record.add(_share(way), (used["web"] + used["Redis"]) / used["worker"])
            if way == PAGE:
                self._record.add(DELAY, self._browser_delay(traces))

    async def _cpu_while_all_write(
        self, tasks: list[asyncio.Task[Trace]], traces: list[Trace]
    ) -> dict[str, float]:
        """What each part of Parley, and its readers, used for 1,000 tokens, from the moment that
        every answer has its first token until one is complete."""
        await started(traces)
        began, before = time.monotonic(), self._cpu_seconds()
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        after, ended = self._cpu_seconds(), time.monotonic()
        thousands = sum(trace.tokens_between(began, ended) for trace in traces) / 1000
        return {part: (after[part] - before[part]) / thousands for part in after}

    def _cpu_seconds(self) -> dict[str, float]:
        return self._peers.parley.cpu_seconds() | {"readers": time.process_time()}

    def _browser_delay(self, traces: list[Trace]) -> float:
        """Median milliseconds from a token's sampling to the first frame that shows it, of the
        tokens that came while the page was open."""
        runs = self._peers.parley.ask("runs", *(trace.message for trace in traces))
        sampled = probe.sampled(self._peers.parley.data_dir)
        delays = [
            arrival.at - at
            for run, trace in zip(runs, traces, strict=True)
            for before, arrival in pairwise(trace.arrivals)
            for at in sampled[run][before.tokens : arrival.tokens]
        ]
        return median(delays) * 1000

    def _add(self, peer: str, streams: int, whole: float, joint: float | None = None) -> None:
        self._record.add(_name(peer, streams), whole)
        if joint is not None:
            self._record.add(_name(peer, streams, joint=True), joint)

    def rows(self) -> list[Row]:
        rows: list[Row] = []
        for streams in self._scale.tokens:
            for way in (SSE, PAGE):
                rows += self._throughput(way, streams)
        rows.append(
            Row(
                "sample to browser frame at 16 streams, ms",
                self._record.of(DELAY),
                Bound.AT_MOST,
                20,
                "{:.1f}",
            )
        )
        for streams in self._scale.tokens:
            rows += self._overhead(streams)
        for way in (PAGE, SSE):
            share = self._record.of(_share(way))
            figure = f"CPU of web and Redis per token at 16 streams, of the worker's ({way})"
            rows.append(Row(figure, share, Bound.AT_MOST, 0.05, "{:.1%}"))
        return rows

    def _throughput(self, way: str, streams: int) -> list[Row]:
        plural = f"{streams} stream{'s' if streams > 1 else ''}"
        servers = [_name(rival.name, streams) for rival in self._rivals(streams)]
        whole, joint = _name(way, streams), _name(way, streams, joint=True)
        decode = _name("bare loop", streams, joint=True)
        ratio = self._record.ratio
        return [
            Row(
                f"tokens/s at {plural}, of the bare loop's ({way})",
                ratio(joint, decode),
                Bound.AT_LEAST,
                0.95,
            ),
            Row(
                f"prompts included, at {plural}, of the better llama-server's ({way})",
                ratio(whole, *servers),
                Bound.AT_LEAST,
                1.0,
            ),
            Row(
                f"prompts included, at {plural}, of the bare loop's ({way})",
                ratio(whole, _name("bare loop", streams)),
            ),
        ]

    def _overhead(self, streams: int) -> list[Row]:
        """What the API adds to the engine's work."""
        at = f"at {streams} stream{'s' if streams > 1 else ''} (Parley, SSE)"
        over = zip(
            self._record.of(_first(SSE, streams)),
            self._record.of(_first("bare loop", streams)),
            strict=True,
        )
        return [
            Row(
                f"time to first token {at}, over the bare loop's reading of all prompts, ms",
                [first - read for first, read in over],
                form="{:+.0f}",
            ),
            Row(
                f"CPU s of web and Redis for 1,000 tokens, requests included, {at}",
                self._record.of(_around(SSE, streams)),
            ),
        ]


def _first(peer: str, streams: int) -> str:
    return f"{peer}: ms to first token at {streams}, median"


def _around(way: str, streams: int) -> str:
    return f"{way}: CPU s per 1,000 tokens at {streams}, requests included, web and Redis"


def _first_token_ms(traces: list[Trace]) -> float:
    return median(trace.first_token_seconds for trace in traces) * 1000


def _name(peer: str, streams: int, joint: bool = False) -> str:
    kind = "while all stream" if joint else "prompts included"
    return f"{peer}: tokens/s at {streams}, {kind}"


def _share(way: str) -> str:
    return f"{way}: CPU of web and Redis at {MOST}, of the worker's"


async def _ask_all(server: Server, asked: list[str], tokens: int) -> list[Trace]:
    return await asyncio.gather(
        *(server.stream(i).ask([user(text)], tokens) for i, text in enumerate(asked))
    )
