"""What a page shows of an answer that grows."""

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.models import User
from conversations.models import Message
from inference.models import Generation
from tests.conversations.sockets import open_page
from tests.conversations.streaming.growing import Screen, Worker, greet, socket_of

pytestmark = pytest.mark.django_db(transaction=True)


async def test_an_answer_grows_and_ends(alice: User, worker: Worker) -> None:
    screen = Screen(worker.answer)
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)

        await sync_to_async(worker.start)()
        screen.draw((await page.until('data-status="streaming"'))[-1])
        for word in ["A **sma", "ll** ani", "mal.\n\n", "It ", "hunts."]:
            worker.say(word)
            screen.draw((await page.until(f"message-{worker.answer.pk}-open"))[-1])
        assert "<strong>small</strong>" in screen.closed
        assert screen.text == "A small animal.\nIt hunts."

        await sync_to_async(worker.end)()
        last = await page.until('data-status="done"')
        assert "<strong>small</strong> animal.</p>\n<p>It hunts.</p>" in last[-1]
        assert "<span>5 tokens</span>" in last[-1]
        assert 'aria-label="Send"' in "".join(last)


async def test_a_frame_carries_only_what_changed(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        worker.say("The first paragraph.\n\n")
        worker.say("Then ")
        await page.until("Then")

        worker.say("another.")
        frame = (await page.until("another."))[-1]

        assert "first" not in frame
        assert "<article" not in frame


async def test_a_page_that_comes_later_gets_all_that_was_said_in_one_frame(
    alice: User, worker: Worker
) -> None:
    await sync_to_async(worker.start)()
    for n in range(300):
        worker.say(f"w{n} ")
    async with open_page(alice, socket_of(worker)) as page:
        await page.hello(worker.answer.pk, live=[worker.answer.pk])

        texts = [await page.frame() for _ in range(3)]
        shown = [text for text in texts if "w0 " in text]

        assert shown
        assert all("w299" in text for text in shown)

        worker.say("further")
        assert "further" in (await page.until("further"))[-1]


async def test_two_pages_show_the_same(alice: User, worker: Worker) -> None:
    path = socket_of(worker)
    async with open_page(alice, path) as one, open_page(alice, path) as other:
        await greet(one, worker)
        await greet(other, worker)
        await sync_to_async(worker.start)()
        worker.say("Hello")
        await one.until("Hello")
        await other.until("Hello")

        await sync_to_async(worker.end)()

        ends = [(await page.until('data-status="done"'))[-1] for page in (one, other)]
        articles = [frame.partition("</article>")[0] for frame in ends]
        assert articles[0] == articles[1]


async def test_a_stopped_answer_keeps_what_it_had(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        worker.say("Half an ans")

        await sync_to_async(worker.end)(Generation.Status.STOPPED)

        final = (await page.until('data-status="stopped"'))[-1]
        assert "Half an ans" in final
        assert "<span>Stopped</span>" in final


async def test_an_end_that_was_not_logged_is_noticed(
    alice: User, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.token_log.reader.CHECK_SECONDS", 0.2)
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        worker.say("Hello")
        await page.until("Hello")

        def end_in_silence() -> None:
            Generation.objects.update(status="done", reason="stop", finished_at=timezone.now())
            Message.objects.filter(pk=worker.answer.pk).update(content="Hello there")

        await sync_to_async(end_in_silence)()

        assert "Hello there" in (await page.until('data-status="done"'))[-1]
