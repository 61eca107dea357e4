"""A program that goes away takes its run with it, whenever it goes."""

import asyncio
import time
from collections.abc import Iterator

import httpx2
import pytest

from inference.api import runs
from inference.models import Generation
from tests.api.asking import URL, body, browser
from tests.api.conftest import Answering
from tests.web_server import web_server

pytestmark = pytest.mark.django_db(transaction=True)

MANY = ["word "] * 500


async def live_run(status: str) -> Generation:
    async with asyncio.timeout(5):
        while not (run := await Generation.objects.filter(status=status).afirst()):
            await asyncio.sleep(0.01)
    return run


async def end_of(run: Generation) -> Generation:
    async with asyncio.timeout(5):
        while run.is_live:
            await asyncio.sleep(0.01)
            await run.arefresh_from_db()
    return run


async def test_in_mid_stream(key: dict[str, str], answering: Answering) -> None:
    with answering(*MANY, pause=0.02) as answerer:
        async with browser(key, stream=True) as program:
            for _number in range(4):  # the start, the role, and two words
                await program.answers.get()
        run = await end_of(await Generation.objects.aget())

    assert (run.status, run.reason) == ("stopped", "cancelled")
    assert answerer.stopped_after is not None
    assert answerer.stopped_after < 50


async def test_at_the_first_byte_of_a_stream(key: dict[str, str], answering: Answering) -> None:
    with answering(*MANY, pause=0.02):
        async with browser(key, stream=True) as program:
            assert (await program.answers.get())["type"] == "http.response.start"
            program.go_away()
        run = await end_of(await Generation.objects.aget())

    assert run.status == "stopped"


@pytest.mark.parametrize("stream", [False, True])
async def test_while_the_run_waits(stream: bool, key: dict[str, str], worker: None) -> None:
    async with browser(key, stream=stream):
        run = await live_run("queued")

    assert (await end_of(run)).status == "stopped"


@pytest.mark.parametrize("stream", [False, True])
async def test_while_several_choices_wait(stream: bool, key: dict[str, str], worker: None) -> None:
    async with browser(key, stream=stream, n=3):
        await live_run("queued")

    assert [run.status async for run in Generation.objects.all()] == ["stopped"] * 3


@pytest.mark.parametrize("stream", [False, True])
async def test_while_one_choice_runs_and_another_waits(
    stream: bool, key: dict[str, str], answering: Answering
) -> None:
    with answering(*MANY, pause=0.02) as answerer:
        async with browser(key, stream=stream, n=2):
            running = await live_run("running")
        run = await end_of(running)
        answerer.over.set()

    assert run.status == "stopped"
    assert answerer.stopped_after is not None
    other = await Generation.objects.exclude(pk=run.pk).aget()
    assert (other.status, other.attempt) == ("stopped", 0)


async def test_while_a_stream_is_kept_alive(
    key: dict[str, str], worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)

    async with browser(key, stream=True) as program:
        for _number in range(4):
            await program.answers.get()
        run = await live_run("queued")

    assert (await end_of(run)).status == "stopped"


async def test_while_the_whole_answer_is_awaited(key: dict[str, str], answering: Answering) -> None:
    with answering(*MANY, pause=0.02) as answerer:
        async with browser(key, stream=False):
            run = await live_run("running")
        run = await end_of(run)

    assert run.status == "stopped"
    assert answerer.stopped_after is not None


async def test_another_run_goes_on(key: dict[str, str], answering: Answering) -> None:
    async with browser(key, stream=False) as patient:
        first = await live_run("queued")
        async with browser(key, stream=False):
            while await Generation.objects.acount() < 2:
                await asyncio.sleep(0.01)
        other = await Generation.objects.exclude(pk=first.pk).aget()
        assert (await end_of(other)).status == "stopped"

        with answering("Hi"):
            start = await patient.answers.get()
            await patient.answers.get()

    assert start["status"] == 200


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[str]:
    with web_server() as url:
        yield url


@pytest.mark.parametrize("stream", [False, True])
def test_with_a_real_server(
    stream: bool, server: str, key: dict[str, str], answering: Answering
) -> None:
    with answering(*MANY, pause=0.02) as answerer:
        with httpx2.Client() as program:
            request = program.build_request("POST", server + URL, content=body(stream=stream))
            request.headers.update(key)
            if stream:
                response = program.send(request, stream=True)
                assert next(response.iter_text())
            else:
                with pytest.raises(httpx2.ReadTimeout):
                    request.extensions["timeout"] = dict.fromkeys(
                        ("connect", "read", "write", "pool"), 1.0
                    )
                    program.send(request)
        gone_at = time.monotonic()
        while Generation.objects.filter(status__in=Generation.LIVE).exists():
            assert time.monotonic() < gone_at + 5
            time.sleep(0.01)

    assert Generation.objects.get().status == "stopped"
    assert answerer.stopped_after is not None
    assert answerer.stopped_after < 150
