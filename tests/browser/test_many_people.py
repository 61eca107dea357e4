"""Ten people at once, each with a page's socket and without the weight of ten browsers."""

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import httpx2 as httpx
from websockets.asyncio.client import connect

from tests.browser.conftest import Person

TEN = 10


class Visitor:
    def __init__(self, person: Person, url: str) -> None:
        self._url = url
        self._cookie = f"sessionid={person.session}"
        self.frames = 0
        self.status = ""

    async def chat(self, everybody: asyncio.Barrier) -> None:
        path, number = await self._ask()
        address = f"{self._url.replace('http', 'ws')}/ws{path}"
        async with connect(
            address, additional_headers={"Cookie": self._cookie}, origin=self._url
        ) as socket:
            await socket.send(json.dumps({"hello": {"last": 0, "live": [], "sidebar": ""}}))
            while self.frames < 5:
                frame = str(await socket.recv())
                if status := re.search(r'data-role="assistant" data-status="(\w+)"', frame):
                    self.status = status[1]
                self.frames += f"message-{number}-open" in frame
            async with asyncio.timeout(60):
                await everybody.wait()  # all of them grow, and none has ended
            await self._post(f"/m/{number}/stop/", {})
            while self.status != "stopped":
                found = re.findall(
                    r'data-role="assistant" data-status="(\w+)"', await socket.recv()
                )
                self.status = found[-1] if found else self.status

    async def _ask(self) -> tuple[str, str]:
        """The conversation's address and the answer's number."""
        reply = await self._post("/", {"text": "Tell me everything", "model": "slow"})
        number = json.loads(reply.headers["HX-Trigger"])["parley:sent"]["message"]
        return reply.headers["HX-Redirect"], number

    async def _post(self, path: str, form: dict[str, str]) -> httpx.Response:
        token = "t" * 32
        headers = {
            "Cookie": f"{self._cookie}; csrftoken={token}",
            "HX-Request": "true",
            "X-CSRFToken": token,
        }
        async with httpx.AsyncClient(timeout=30) as client:
            reply = await client.post(self._url + path, data=form, headers=headers)
        assert reply.status_code < 300, reply.text
        return reply


async def chat_all(visitors: list[Visitor]) -> None:
    everybody = asyncio.Barrier(len(visitors))
    await asyncio.gather(*(visitor.chat(everybody) for visitor in visitors))


def test_ten_people_see_their_answers_grow_together(
    people: Iterator[Person], base_url: str
) -> None:
    visitors = [Visitor(person, base_url) for person in islice(people, TEN)]

    with ThreadPoolExecutor() as threads:  # this one's event loop may be Playwright's
        threads.submit(asyncio.run, chat_all(visitors)).result()

    assert [visitor.status for visitor in visitors] == ["stopped"] * TEN
