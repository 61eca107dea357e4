"""Parley's page without a browser: it asks by form, and reads the frames of its socket."""

import json
import re
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from websockets.asyncio.client import connect

from bench.clients import Trace
from bench.wire import Exchange, Request

ACKNOWLEDGE_EVERY = 8
"""As static/js/live.js does."""

ARTICLE = re.compile(r'<article id="message-(\d+)"[^>]* data-role="(\w+)" data-status="(\w+)"')
LIVE_CONTENT = re.compile(
    r'id="message-\d+-content"[^>]*>([^\0]*?)<div id="message-\d+-open"[^>]*>([^\0]*?)</div>'
)
CONTENT = re.compile(r'data-role="assistant" data-status="done"[^\0]*?data-content>([^\0]*?)</div>')
GROWTH = re.compile(r'hx-swap-oob="(\w+):#message-\d+-open( \.\w+)?">([^\0]*?)</div>')
LAST = re.compile(r'<span class="last">([^\0]*?)</span>')
SIDEBAR = re.compile(r'id="conversations"[^>]* data-version="([^"]*)"')
TAG = re.compile(r"<[^>]*>")


class Page:
    """One signed-in person's browser."""

    def __init__(self, url: str, model: str, email: str, cookies: Mapping[str, str]) -> None:
        self.url = url
        self.email = email
        self.cookies = cookies
        self._model = model
        self._csrf = cookies["csrftoken"]
        self._cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())

    async def ask(self, text: str, trace: Trace) -> Trace:
        """Begin a conversation with `text`, and read the answer to its end into `trace`."""
        path = await self._send(text)
        html = await self._get(path)
        shown = Shown(trace)
        shown.draw(html)
        address = f"{self.url.replace('http', 'ws', 1)}/ws{path}"
        headers = {"Cookie": self._cookie, "Origin": self.url}
        async with connect(
            address, additional_headers=headers, compression=None, max_size=None
        ) as socket:
            await socket.send(json.dumps({"hello": _hello(html)}))
            drawn = 0
            async for frame in socket:
                shown.draw(str(frame))
                drawn += 1
                if drawn % ACKNOWLEDGE_EVERY == 0:
                    await socket.send(json.dumps({"seen": drawn}))
                if shown.is_complete:
                    break
        trace.ended_at = time.monotonic()
        return trace

    async def _send(self, text: str) -> str:
        """Post the form; the path of the new conversation."""
        form = {"csrfmiddlewaretoken": self._csrf, "text": text, "model": self._model}
        headers = {
            "Cookie": self._cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
        }
        request = Request("POST", "/", headers, urlencode(form).encode())
        async with Exchange(self.url, request) as exchange:
            await exchange.raise_if_refused()
            await exchange.body()
            return exchange.headers["hx-redirect"]

    async def _get(self, path: str) -> str:
        async with Exchange(self.url, Request("GET", path, {"Cookie": self._cookie})) as exchange:
            await exchange.raise_if_refused()
            return (await exchange.body()).decode()


class Shown:
    """What of an answer is in the page: the blocks that are closed, and the open one, in parts.

    The bench's model writes words only, one with each token, so tokens are counted as words.
    """

    def __init__(self, trace: Trace) -> None:
        self.is_complete = False
        self._trace = trace
        self._closed = self._grown = self._last = 0

    def draw(self, html: str) -> None:
        """A page, or a frame of the socket."""
        for id, role, status in ARTICLE.findall(html):
            if role == "assistant":
                self._trace.message = id
                self.is_complete = status not in ("queued", "streaming")
        if content := LIVE_CONTENT.search(html):
            self._closed = _words(content[1])
            self._open(content[2])
        for place, part, grown in GROWTH.findall(html):
            if part == " .last":
                self._last = _words(grown)
            elif part == " .grown":
                self._grown += _words(grown)
            elif place == "innerHTML":
                self._open(grown)
            else:
                self._closed += _words(grown)
        if content := CONTENT.search(html):
            self._closed, self._grown, self._last = _words(content[1]), 0, 0
        self._trace.came(self._closed + self._grown + self._last)

    def _open(self, html: str) -> None:
        last = LAST.search(html)
        self._last = _words(last[1]) if last else 0
        self._grown = _words(html) - self._last


def _hello(html: str) -> dict[str, object]:
    """What the page says when its socket opens."""
    articles = ARTICLE.findall(html)
    version = SIDEBAR.search(html)
    return {
        "last": max(int(id) for id, _, _ in articles),
        "live": [int(id) for id, _, status in articles if status in ("queued", "streaming")],
        "sidebar": version[1] if version else "",
    }


def _words(html: str) -> int:
    return len(TAG.sub(" ", html).split())
