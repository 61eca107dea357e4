"""A worker is killed while it does everything at once that is not an answer in a chat.

One kill for all, as starting a worker is what takes long here.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import pytest

from tests.platform import Platform

ANSWER, COMPARED, TITLE = 150, 60, 32
"""Tokens."""
MODELS = ["parley-demo", "parley-demo-mini", "slow"]
ACCOUNTS_OF_SLOW = [
    ("chat", 1),
    ("chat", ANSWER),
    ("compare", COMPARED),
    ("inspect", ANSWER),
    ("inspect", ANSWER),
    ("title", TITLE),
]
ACCOUNTS = [source for source, _tokens in ACCOUNTS_OF_SLOW] + ["compare"] * 2
EXPIRE = """
from inference.models import Generation
print(*Generation.objects.filter(status="running").values_list("source", flat=True))
Generation.objects.filter(status="running").update(lease_until="2000-01-01T00:00Z")
"""
"""What time does to the claims of a dead worker."""


@dataclass(frozen=True)
class Left:
    """What there is when all has ended after the kill."""

    client: httpx.Client
    inspected: str
    """The address of the answer whose tokens were being looked at."""
    named: str
    """The address of the conversation that was being named."""
    comparison: str

    def get(self, address: str) -> Any:
        reply = self.client.get(f"/api/v1{address}")
        assert reply.status_code == 200, reply.text
        return reply.json()


@pytest.fixture(scope="module")
def left(platform: Platform) -> Iterator[Left]:
    with closing(platform.sign_up("killed@example.org")) as client:
        inspected, answer = answered(platform, client, ANSWER, title="Looked at")
        asked = {"model_ids": MODELS, "prompt": "Hello", "max_new_tokens": COMPARED}
        comparison = post(client, "/comparisons", **asked)["id"]
        for kind in ("replay", "score"):
            post(client, f"{inspected}/messages/{answer}/inspections", kind=kind)
        named, _first = answered(platform, client, 1)

        platform.kill_worker()
        assert "inspect" in platform.manage("shell", "--no-imports", "-c", EXPIRE), "too late"

        left = Left(
            client,
            f"{inspected}/messages/{answer}",
            named,
            f"/comparisons/{comparison}",
        )
        platform.wait_until(lambda: len(left.get("/usage/entries")["entries"]) == len(ACCOUNTS))
        yield left


def post(client: httpx.Client, address: str, **body: object) -> Any:
    reply = client.post(f"/api/v1{address}", json=body)
    assert reply.status_code < 300, reply.text
    return reply.json()


def answered(
    platform: Platform, client: httpx.Client, tokens: int, **fields: str
) -> tuple[str, int]:
    """The address of a new conversation with an answer of so many tokens, and that one's id."""
    conversation = post(client, "/conversations", model_id="slow", **fields)["id"]
    address = f"/conversations/{conversation}"
    answer = post(client, f"{address}/messages", content="Tell me all", max_new_tokens=tokens)
    last = answer["answer"]["id"]

    def is_done() -> bool:
        messages = client.get(f"/api/v1{address}/messages").json()["messages"]
        return bool(messages[-1]["status"] == "done")

    platform.wait_until(is_done)
    return address, last


def test_each_run_is_accounted_once(left: Left) -> None:
    entries = left.get("/usage/entries")["entries"]

    assert {entry["status"] for entry in entries} == {"done"}
    of_slow = [entry for entry in entries if entry["model"] == "slow"]
    assert (
        sorted((entry["source"], entry["output_tokens"]) for entry in of_slow) == ACCOUNTS_OF_SLOW
    )
    assert Counter(entry["source"] for entry in entries) == Counter(ACCOUNTS)


def test_nothing_waits_any_more(left: Left) -> None:
    assert left.get("/queue")["waiting"] == []


def test_a_comparison_is_complete(left: Left) -> None:
    answers = left.get(left.comparison)["answers"]

    assert [answer["status"] for answer in answers] == ["done"] * len(MODELS)
    assert all(answer["content"] for answer in answers)
    page = left.client.get(left.comparison.replace("comparisons", "compare") + "/").text
    assert "Waiting" not in page


def test_the_tokens_of_an_answer_are_each_told_once(left: Left) -> None:
    told = left.get(f"{left.inspected}/inspections/score")

    assert told["status"] == "done"
    assert len(told["tokens"]) == ANSWER
    messages, _slash, answer = left.inspected.rpartition("/")
    content = left.get(messages)["messages"][-1]["content"]
    assert "".join(token["text"] for token in told["tokens"]) == content
    page = left.client.get(f"/m/{answer}/tokens/").text
    assert page.count('class="token level-') == ANSWER


def test_a_replay_is_whole(left: Left) -> None:
    told = left.get(f"{left.inspected}/inspections/replay")

    assert told["status"] == "done"
    assert len(told["tokens"]) == ANSWER


def test_a_conversation_whose_name_was_thought_of_has_one(left: Left) -> None:
    """The one that it had, as this model comes to no end."""
    assert left.get(left.named)["title"] == "New chat"
