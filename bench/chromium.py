"""A reader's browser, and what a page costs there."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, CDPSession, Page, Response, WebSocket, async_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DONE = """() => {
  const answer = [...document.querySelectorAll("article[data-role=assistant]")].at(-1);
  return answer?.dataset.status === "done";
}"""
TIMES = """() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
})"""
PATIENCE_MS = 600_000


@dataclass(frozen=True)
class Visit:
    """One page with an empty cache."""

    requests: int
    bytes: int
    """Transferred, compressed, with the headers of the answers."""
    paint_ms: float
    """Until something of it was first drawn."""
    loaded_ms: float


@dataclass(frozen=True)
class Reading:
    """One answer that grew in the page."""

    tokens: int
    bytes: int
    """Of the socket's frames, before compression."""
    busy_seconds: float
    """Processor time of the page's main thread."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def _page(browser: Browser, url: str, cookies: Mapping[str, str]) -> AsyncIterator[Page]:
    context = await browser.new_context()
    await context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
    )
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def visit(browser: Browser, url: str, path: str, cookies: Mapping[str, str]) -> Visit:
    async with _page(browser, url, cookies) as page:
        responses: list[Response] = []
        page.on("response", lambda response: responses.append(response))
        await page.goto(url + path, wait_until="networkidle")
        sizes = [await response.request.sizes() for response in responses]
        weight = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
        times = await page.evaluate(TIMES)
        return Visit(len(sizes), weight, times["paint"], times["loaded"])


async def read(
    browser: Browser, url: str, cookies: Mapping[str, str], question: str, tokens: int
) -> Reading:
    """`tokens` is what the answer has."""
    received = 0

    def count(frame: str | bytes) -> None:
        nonlocal received
        received += len(frame if isinstance(frame, bytes) else frame.encode())

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", count)

    async with _page(browser, url, cookies) as page:
        page.on("websocket", listen)
        await page.goto(url)
        await page.get_by_role("textbox", name="Message").fill(question)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("article[data-role=assistant]")
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = await _busy_seconds(session)
        await page.wait_for_function(DONE, timeout=PATIENCE_MS, polling=1_000)
        return Reading(tokens, received, await _busy_seconds(session) - before)


async def _busy_seconds(session: CDPSession) -> float:
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))
