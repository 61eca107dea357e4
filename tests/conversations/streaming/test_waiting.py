"""What a page shows of an answer that waits for a worker."""

import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.models import User
from inference import lifecycle, presence
from inference.models import Generation
from inference.presence import ModelState, WorkerState
from tests.conversations.builders import run_of
from tests.conversations.sockets import open_page
from tests.conversations.streaming.growing import Worker, greet, socket_of, text_of

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_waiting_page_sees_the_line_move(
    alice: User, bob: User, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.line.LINE_SECONDS", 0.1)
    run = await sync_to_async(run_of)(worker.answer)
    presence.report(WorkerState("w", {run.model_id: ModelState("ready")}, seen_at=time.time()))
    earlier = timezone.now() - timedelta(seconds=60)
    his = await Generation.objects.acreate(user=bob, model=run.model, created_at=earlier)
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await page.until(f"message-{worker.answer.pk}-status", "2nd in line")

        await sync_to_async(lifecycle.stop)(his)

        await page.until(f"message-{worker.answer.pk}-status", "Next in line")


async def test_what_is_waited_for_is_told_and_not_repeated(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)

        status = (await page.until(f'id="message-{worker.answer.pk}-status"'))[-1]

        assert "Waiting for a worker to start…" in status
        assert await page.is_silent(0.6)


async def test_an_answer_whose_worker_is_lost_waits_for_another(
    alice: User, worker: Worker
) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        worker.say("Half ")
        await page.until("Half")

        await sync_to_async(worker.give_up)()
        waiting = (await page.until(f'id="message-{worker.answer.pk}-status"', "Waiting"))[-1]
        await sync_to_async(worker.start)()
        worker.say("an answer")
        resumed = await page.until("an answer")

        assert "Waiting for a worker to start…" in waiting
        assert "Waiting" not in resumed[-1]
        assert "Half an answer" in text_of(resumed[-1])
