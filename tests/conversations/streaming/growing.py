"""An answer that grows: the worker that writes it, and a page that shows it."""

import re

from conversations.models import Conversation, Message
from inference import lifecycle, queue
from inference.lifecycle import Outcome
from inference.models import Generation
from inference.token_log import Started, TokenLog, Tokens
from tests.conversations.builders import run_of
from tests.conversations.sockets import Socket


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
