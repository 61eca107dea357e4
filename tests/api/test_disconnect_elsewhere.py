"""A program that goes away stops its run, whichever API it came by."""

import asyncio
import json
from typing import Any

import pytest

from inference.models import Generation
from tests.api.asking import Browser
from tests.api.conftest import Answering

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = ("/v1/completions", {"prompt": "Once", "max_tokens": 500})
RESPONSES = ("/v1/responses", {"input": "Hello"})
MESSAGES = ("/v1/messages", {"messages": [{"role": "user", "content": "x"}], "max_tokens": 500})


@pytest.mark.parametrize(
    ("path", "body"), [TEXTS, RESPONSES, MESSAGES], ids=["texts", "responses", "messages"]
)
@pytest.mark.parametrize("stream", [False, True])
async def test_it_stops(
    stream: bool, path: str, body: dict[str, Any], key: dict[str, str], answering: Answering
) -> None:
    content = json.dumps(body | {"model": "demo", "stream": stream}).encode()
    program = Browser(key, content, path)

    with answering(*["word "] * 500, pause=0.02) as answerer:
        task = asyncio.create_task(program.run())
        if stream:
            for _number in range(4):  # the start, what comes first, and two words
                await program.answers.get()
        else:
            await status(lambda run: run.status == "running")
        program.go_away()
        await asyncio.wait_for(task, 5)
        run = await status(lambda run: not run.is_live)

    assert (run.status, run.reason) == ("stopped", "cancelled")
    assert answerer.stopped_after is not None
    assert answerer.stopped_after < 100


async def status(expected: Any) -> Generation:
    """The one run, once it is as expected."""
    async with asyncio.timeout(5):
        while not ((run := await Generation.objects.afirst()) and expected(run)):
            await asyncio.sleep(0.01)
    return run
