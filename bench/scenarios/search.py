"""How long a search takes among a million messages."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.record import Bound, Record, Row
from bench.scenarios.scenario import Peers, Scale, Scenario
from tests.platform import ROOT

MESSAGES, MESSAGES_QUICK = 1_000_000, 50_000
SEARCHES, SEARCHES_QUICK = 200, 50
MOST_MILLISECONDS = 50
CACHE = ROOT / ".bench"
POSTGRESQL = ROOT / ".ci" / "with-postgres"


class Search(Scenario):
    """In a database of its own: SQLite's is kept, PostgreSQL's is made anew, where there is a
    server, and not in the quick form."""

    def __init__(self, peers: Peers, scale: Scale, record: Record) -> None:
        super().__init__(peers, scale, record)
        self._messages = MESSAGES_QUICK if scale.is_quick else MESSAGES
        self._searches = SEARCHES_QUICK if scale.is_quick else SEARCHES
        self._vendors: list[str] = []

    async def measure(self, repeat: int) -> None:
        await asyncio.to_thread(self._measure, repeat)

    def rows(self) -> list[Row]:
        return [row for vendor in self._vendors for row in self._rows(vendor)]

    def _rows(self, vendor: str) -> list[Row]:
        about = f"search, {self._messages:,} messages, {vendor}"
        pages = self._record.of(f"{about}: page, 95th percentile (ms)")
        middle = self._record.of(f"{about}: page, median (ms)")
        ratio = self._record.ratio(
            f"{about}: LIKE, 95th percentile (ms)", f"{about}: index, 95th percentile (ms)"
        )
        return [
            Row(f"{about}: page, median, ms", middle, form="{:.0f}"),
            Row(f"{about}: page, p95, ms", pages, Bound.AT_MOST, MOST_MILLISECONDS, "{:.0f}"),
            Row(f"{about}: LIKE over index, p95", ratio, Bound.AT_LEAST, 1.0, "{:.1f}"),
        ]

    def _measure(self, repeat: int) -> None:
        database = CACHE / f"search-{self._messages}.sqlite3"
        url = f"sqlite:///{database}"
        if not database.exists():
            part = database.with_suffix(".part")
            part.unlink(missing_ok=True)
            _inside(f"sqlite:///{part}", "make", str(self._messages))
            part.rename(database)
        self._note("SQLite", _inside(url, "ask", str(self._searches), str(repeat)))
        has_server = any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if repeat == 0 and has_server and not self._scale.is_quick:
            self._note("PostgreSQL", self._on_postgresql())

    def _on_postgresql(self) -> Any:
        """Once, as to fill it takes minutes."""
        script = f"{sys.executable} -m bench.searching"
        steps = f"{script} make {self._messages} >&2 && {script} ask {self._searches} 0"
        return _run([str(POSTGRESQL), "bash", "-c", steps], os.environ | _settings())

    def _note(self, vendor: str, asked: Sequence[dict[str, Any]]) -> None:
        if vendor not in self._vendors:
            self._vendors.append(vendor)
        about = f"search, {self._messages:,} messages, {vendor}"
        for part, name in (("page", "page"), ("index", "index"), ("scan", "LIKE")):
            steps = quantiles((one[part] for one in asked), n=20)
            self._record.add(f"{about}: {name}, median (ms)", steps[9])
            self._record.add(f"{about}: {name}, 95th percentile (ms)", steps[18])


def _inside(url: str, *arguments: str) -> Any:
    command = [sys.executable, "-m", "bench.searching", *arguments]
    return _run(command, os.environ | _settings() | {"DATABASE_URL": url})


def _run(command: Sequence[str], environment: dict[str, str]) -> Any:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def _settings() -> dict[str, str]:
    (CACHE / "search" / "static").mkdir(parents=True, exist_ok=True)
    return {
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",
        "DATA_DIR": str(CACHE / "search"),
        "SECRET_KEY": "bench",
        "LOG_LEVEL": "ERROR",
        "REDIS_URL": "",
    }
