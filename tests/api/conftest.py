import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
from django.db import connections
from django.test import Client

from accounts.models import APIKey, User
from conversations.models import Conversation
from inference import lifecycle, presence, queue
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from inference.presence import ModelState, WorkerState
from inference.token_log import Candidate, Started, TokenLog, TokenLogprob, Tokens
from inference.token_log.events import event_id
from inference.tools.format import OWN
from tests.conversations.builders import said

DONE = (Generation.Status.DONE, Generation.Reason.STOP)


def bearer(user: User) -> str:
    return f"Bearer {APIKey.objects.issue(user, 'tests')[1]}"


@pytest.fixture
def api(alice: User) -> Client:
    """Programs of alice's."""
    return Client(headers={"authorization": bearer(alice)})


@pytest.fixture
def stranger(bob: User) -> Client:
    """Programs of bob's."""
    return Client(headers={"authorization": bearer(bob)})


@pytest.fixture
def conversation(alice: User, model: AIModel) -> Conversation:
    """Of alice's: a greeting and an answer."""
    conversation = Conversation.objects.create(user=alice, title="Greetings", model=model)
    said(conversation, "user", "Hello")
    said(conversation, "assistant", "Hi!")
    return conversation


@pytest.fixture
def key(alice: User) -> dict[str, str]:
    """The headers of alice's programs, for the asynchronous client, which takes none at first."""
    return {"authorization": bearer(alice)}


@pytest.fixture
def worker(model: AIModel) -> None:
    """A worker is there, and has the model loaded; what it does is another matter."""
    states = {model.pk: ModelState("ready", 1.0)}
    presence.report(WorkerState("tests", states, seen_at=time.time()))


THOUGHT = "<thought>"


class Answerer(threading.Thread):
    """In a worker's place: claims runs, and writes `pieces` as their tokens, one by one. After
    THOUGHT comes what the model only thinks."""

    def __init__(self, model: AIModel, pieces: list[str], outcome: Outcome, pause: float) -> None:
        super().__init__(daemon=True)
        self.model, self.pieces, self.outcome, self.pause = model, pieces, outcome, pause
        self.over = threading.Event()
        self.seen: list[Generation] = []
        self.stopped_after: int | None = None

    def run(self) -> None:
        try:
            while not self.over.wait(0.01):
                if generation := queue.claim(self.model.pk, "tests"):
                    self.seen.append(generation)
                    self.answer(generation)
        finally:
            connections.close_all()

    def answer(self, generation: Generation) -> None:
        log, attempt = TokenLog.default(), generation.attempt
        format = OWN.as_json() if generation.tools else None
        log.write([(generation.pk, Started(event_id(attempt, 0), format))])
        for number, piece in enumerate(self.pieces, start=1):
            said, _, thought = piece.partition(THOUGHT)
            id, logprobs = event_id(attempt, number), self.logprobs(number)
            token = Tokens(id, (number,), said, logprobs, thought=thought)
            log.write([(generation.pk, token)])
            if self.over.wait(self.pause):
                return
            if Generation.objects.filter(pk=generation.pk, stop_requested=True).exists():
                self.stopped_after = number
                cancelled = Outcome(Generation.Status.STOPPED, Generation.Reason.CANCELLED)
                lifecycle.finish(generation.pk, attempt, cancelled)
                return
        lifecycle.finish(generation.pk, attempt, self.outcome)

    def logprobs(self, number: int) -> tuple[TokenLogprob, ...]:
        chosen = Candidate(self.pieces[number - 1].encode(), -number / 10, number)
        place = len("".join(self.pieces[: number - 1]))
        return (TokenLogprob(chosen, (chosen, Candidate(b"\xff", float("-inf"), 0)), place),)


Answering = Callable[..., AbstractContextManager[Answerer]]


@pytest.fixture
def answering(model: AIModel, worker: None) -> Answering:
    @contextmanager
    def answering(
        *pieces: str, outcome: Outcome | None = None, pause: float = 0.0
    ) -> Iterator[Answerer]:
        done = Outcome(*DONE, text="".join(pieces), prompt_tokens=7, cached_tokens=3)
        counted = replace(outcome or done, completion_tokens=len(pieces))
        answerer = Answerer(model, list(pieces), counted, pause)
        answerer.start()
        try:
            yield answerer
        finally:
            answerer.over.set()
            answerer.join()

    return answering
