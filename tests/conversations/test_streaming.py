"""A growing answer on its page's socket, fed through the token log as a worker feeds it."""

import asyncio
import re
import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.models import User
from conversations.consumers import AHEAD
from conversations.models import Conversation, Message
from inference import lifecycle, presence, queue
from inference.lifecycle import Outcome
from inference.models import Generation
from inference.presence import ModelState, WorkerState
from inference.token_log import Started, TokenLog, Tokens
from tests.conversations.builders import run_of
from tests.conversations.sockets import Socket, open_page

pytestmark = pytest.mark.django_db(transaction=True)


class Worker:
    """Takes the conversation's run and generates what a test tells it to."""

    def __init__(self, conversation: Conversation) -> None:
        self.answer = conversation.messages.get(role="assistant")
        self._text = ""
        self._number = 0

    def start(self) -> None:
        run = queue.claim(run_of(self.answer).model_id, "worker")
        assert run
        self.run = run
        self._write(Started(self._id()))

    def say(self, text: str) -> None:
        self._text += text
        self._number += 1
        self._write(Tokens(self._id(), (self._number,), text))

    def end(self, status: Generation.Status = Generation.Status.DONE) -> None:
        reason = Generation.Reason.STOP
        if status == Generation.Status.STOPPED:
            reason = Generation.Reason.CANCELLED
        outcome = Outcome(status, reason, text=self._text, completion_tokens=self._number)
        assert lifecycle.finish(self.run.pk, self.run.attempt, outcome)

    def give_up(self) -> None:
        queue.give_back(self.run.pk, self.run.attempt)

    def _id(self) -> str:
        return f"{self.run.attempt}-{self._number}"

    def _write(self, event: Started | Tokens) -> None:
        TokenLog.default().write([(self.run.pk, event)])


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.streaming.TICK_SECONDS", 0.2)


@pytest.fixture
def worker(live_conversation: Conversation) -> Worker:
    return Worker(live_conversation)


def socket_of(worker: Worker) -> str:
    return f"/ws/c/{worker.answer.conversation_id}/"


async def greet(page: Socket, worker: Worker) -> None:
    await page.hello(worker.answer.pk, live=[worker.answer.pk])
    await page.until('id="conversations"')


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html).strip()


class Screen:
    """What the frames add up to, as htmx swaps them."""

    def __init__(self, message: Message) -> None:
        self._id = f"message-{message.pk}"
        self.closed = self.opened = self.status = ""

    def draw(self, frame: str) -> None:
        if article := re.search(rf'<article id="{self._id}".*?data-status="(\w+)"', frame):
            self.status = article[1]
            content = frame.split("data-content>")[1].split("<footer")[0]
            self.closed, _, rest = content.partition(f'<div id="{self._id}-open"')
            self.opened = rest.partition(">")[2]
            return
        for place, html in re.findall(r'<div hx-swap-oob="(\w+):[^"]*">(.*?)</div>', frame, re.S):
            if place == "beforebegin":
                self.closed += html
            elif place == "innerHTML":
                self.opened = html

    @property
    def text(self) -> str:
        return text_of(self.closed + self.opened)


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


async def test_a_waiting_page_sees_the_line_move(
    alice: User, bob: User, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.queue.LINE_SECONDS", 0.1)
    run = await sync_to_async(run_of)(worker.answer)
    presence.report(WorkerState("w", {run.model_id: ModelState("ready")}, seen_at=time.time()))
    earlier = timezone.now() - timedelta(seconds=60)
    his = await Generation.objects.acreate(user=bob, model=run.model, created_at=earlier)
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await page.until(f"message-{worker.answer.pk}-status", "2nd in line")

        await sync_to_async(lifecycle.stop)(his)

        await page.until(f"message-{worker.answer.pk}-status", "Next in line")


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


async def test_many_tokens_come_in_few_frames(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        began = time.monotonic()

        async def generate() -> None:
            for n in range(200):
                await sync_to_async(worker.say)(f"w{n} ")
                await asyncio.sleep(0.002)
            await sync_to_async(worker.end)()

        generating = asyncio.create_task(generate())
        frames = await page.until('data-status="done"')
        await generating

        most = (time.monotonic() - began) * 15 + 5
        assert len([frame for frame in frames if "-open" in frame]) <= most
        assert "w199" in frames[-1]


async def test_the_first_words_come_at_once(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        await page.until('data-status="streaming"')

        began = time.monotonic()
        worker.say("Hello")
        await page.until("Hello")

        assert time.monotonic() - began < 0.3


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

        worker.say("and on")
        assert "and on" in (await page.until("and on"))[-1]


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


async def frames_of(page: Socket, worker: Worker, acknowledge: bool) -> list[str]:
    """Of an answer that takes three seconds."""

    async def generate() -> None:
        await sync_to_async(worker.start)()
        for n in range(60):
            await sync_to_async(worker.say)(f"w{n} ")
            await asyncio.sleep(0.05)
        await sync_to_async(worker.end)()

    generating = asyncio.create_task(generate())
    frames = [await page.frame()]
    while 'data-status="done"' not in frames[-1]:
        if acknowledge:
            await page.say({"seen": len(frames)})
        frames.append(await page.frame())
    await generating
    return frames


async def test_a_page_that_keeps_up_gets_every_frame(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)

        frames = await frames_of(page, worker, acknowledge=True)

        assert len(frames) > 2 * AHEAD - 10
        assert "w59" in frames[-1]


async def test_a_page_that_does_not_keep_up_gets_fewer(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)

        frames = await frames_of(page, worker, acknowledge=False)

        assert len(frames) < AHEAD + 6
        assert "w59" in frames[-1]


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


async def test_nothing_is_read_from_the_database_per_token(
    alice: User, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        worker.say("one ")
        await page.until("one")
        queries = []
        monkeypatch.setattr(
            "django.db.backends.utils.CursorWrapper.execute",
            lambda self, sql, params=None: queries.append(sql),
        )

        for n in range(20):
            worker.say(f"w{n} ")
        await page.until("w19")

        assert queries == []
