"""The parts together, and what becomes of an answer when one of them dies.

What these tests break is whole again at their end, as all tests share the platform.
"""

import json
import threading
import time

import httpx2 as httpx

from tests.platform import Platform

LONG = 100
EXPIRE = """
from inference.models import Generation
Generation.objects.filter(status="running").update(lease_until="2000-01-01T00:00Z")
"""
"""What time does to the claims of a dead worker."""


class Stream(threading.Thread):
    """A program that reads a streamed answer of the slow model."""

    def __init__(self, platform: Platform, key: str, prompt: str = "hello", tokens: int = LONG):
        super().__init__(daemon=True)
        self.pieces: list[str] = []
        self.finish_reason: str | None = None
        self.usage: dict[str, int] = {}
        self._url = f"{platform.url}/v1/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._body = {
            "model": "slow",
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def run(self) -> None:
        with httpx.stream(
            "POST", self._url, headers=self._headers, json=self._body, timeout=120
        ) as reply:
            for line in reply.iter_lines():
                if line.startswith("data: {"):
                    self._read(json.loads(line[6:]))

    def wait_for(self, characters: int) -> None:
        end = time.monotonic() + 60
        while len(self.text) < characters:
            assert time.monotonic() < end, "the answer does not grow"
            time.sleep(0.02)

    def _read(self, chunk: dict) -> None:  # type: ignore[type-arg]
        self.usage = chunk.get("usage") or self.usage
        for choice in chunk["choices"]:
            self.pieces += [choice["delta"]["content"]] if choice["delta"].get("content") else []
            self.finish_reason = choice["finish_reason"] or self.finish_reason


def undisturbed(platform: Platform, key: str) -> str:
    stream = Stream(platform, key)
    stream.run()
    assert stream.finish_reason == "length"
    return stream.text


def test_an_answer_goes_on_from_its_last_token_when_its_worker_is_killed(
    platform: Platform,
) -> None:
    key = platform.api_key
    whole = undisturbed(platform, key)
    stream = Stream(platform, key)
    stream.start()
    stream.wait_for(60)

    platform.kill_worker()
    platform.manage("shell", "-c", EXPIRE)
    before = stream.text
    stream.join(90)

    # What comes after may differ in a close call: a prompt computed at once and token by token
    # differ in the last bits.
    assert stream.finish_reason == "length"
    assert stream.usage["completion_tokens"] == LONG
    assert len(stream.text) > len(before)
    assert stream.text.startswith(before)
    assert whole.startswith(before)


def test_answers_to_ten_people_grow_together(platform: Platform) -> None:
    key = platform.api_key
    streams = [Stream(platform, key, f"Question {n}", tokens=60) for n in range(10)]
    for stream in streams:
        stream.start()

    for stream in streams:
        stream.wait_for(20)

    assert all(stream.finish_reason is None for stream in streams)
    for stream in streams:
        stream.join(90)
    assert {stream.usage["completion_tokens"] for stream in streams} == {60}


def test_a_second_start_finds_everything_as_it_was(platform: Platform) -> None:
    key = platform.api_key
    platform.stop()
    assert not platform.pids("")

    platform.start()

    listing = httpx.get(f"{platform.url}/v1/models", headers={"Authorization": f"Bearer {key}"})
    assert {"parley-demo", "slow"} <= {model["id"] for model in listing.json()["data"]}
