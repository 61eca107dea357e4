"""The page of a comparison on its socket: answers side by side, and what a blind one must hide."""

import asyncio
import re

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from conversations.comparisons import actions, fragments
from conversations.models import Comparison
from inference import lifecycle
from inference.lifecycle import Outcome
from inference.models import Generation
from inference.token_log import Started, TokenLog, Tokens
from tests.conversations.comparisons.conftest import Ask, answers, claimed, failed, finished
from tests.conversations.comparisons.test_voting import NAMES
from tests.conversations.sockets import Socket, cookies_of, open_page, opened

pytestmark = pytest.mark.django_db(transaction=True)


def path(comparison: Comparison, version: str = "") -> str:
    return f"/ws/compare/{comparison.pk}/?version={version}"


@sync_to_async
def version_of(comparison: Comparison) -> str:
    return fragments.version(Comparison.objects.get(pk=comparison.pk), answers(comparison))


class Worker:
    """Takes one answer's run and generates what a test tells it to."""

    def __init__(self, comparison: Comparison, position: int) -> None:
        self.run = claimed(answers(comparison)[position])
        self._text = ""
        self._number = 0
        self._write(Started(self._id()))

    def say(self, text: str) -> None:
        self._text += text
        self._number += 1
        self._write(Tokens(self._id(), (self._number,), text))

    def end(self, text: str = "") -> None:
        if text:
            self.say(text)
        done = (Generation.Status.DONE, Generation.Reason.STOP)
        outcome = Outcome(*done, text=self._text, completion_tokens=777)
        assert lifecycle.finish(self.run.pk, self.run.attempt, outcome)

    def _id(self) -> str:
        return f"{self.run.attempt}-{self._number}"

    def _write(self, event: Started | Tokens) -> None:
        TokenLog.default().write([(self.run.pk, event)])


@sync_to_async
def worker(comparison: Comparison, position: int) -> Worker:
    return Worker(comparison, position)


def plain(frames: list[str]) -> str:
    return re.sub("<[^>]+>", "", "".join(frames))


async def test_answers_grow_side_by_side(alice: User, ask: Ask) -> None:
    comparison = await sync_to_async(ask)()
    left, right = await worker(comparison, 0), await worker(comparison, 1)

    async with open_page(alice, path(comparison)) as socket:
        await socket.hello()
        await sync_to_async(left.say)("Foxes are ")
        await sync_to_async(right.say)("A fox is ")
        frames = await socket.until("A fox is")
        if "Foxes are" not in plain(frames):
            await socket.until("Foxes are")
        await sync_to_async(left.end)("small.")
        done = await socket.until('data-status="done"')
        assert "Foxes are small." in plain(done[-1:])
        assert "777 tokens" in plain(done[-1:])
        await sync_to_async(right.say)("an animal")
        await socket.until("an animal")


async def test_a_page_that_has_all_gets_nothing(alice: User, ask: Ask) -> None:
    comparison = await sync_to_async(lambda: finished(ask()))()
    version = await version_of(comparison)

    async with open_page(alice, path(comparison, version)) as socket:
        await socket.hello()
        await socket.until('id="conversations"')
        assert await socket.is_silent()


async def test_a_page_that_lacks_something_gets_it(alice: User, ask: Ask) -> None:
    comparison = await sync_to_async(ask)()
    version = await version_of(comparison)
    await sync_to_async(finished)(comparison)

    async with open_page(alice, path(comparison, version)) as socket:
        await socket.hello()
        [*_rest, last] = await socket.until('id="verdict"')
        assert "Answer A." in last
        assert "Answer B." in last


async def test_a_reload_while_it_grows_brings_the_whole_text(alice: User, ask: Ask) -> None:
    comparison = await sync_to_async(ask)()
    working = await worker(comparison, 0)
    await sync_to_async(working.say)("One.\n\nTwo.\n\nThr")

    for said in ("ee", "ee and four."):
        async with open_page(alice, path(comparison)) as socket:
            await socket.hello()
            frames = await socket.until("One.", "Two.", "Thr")
            await sync_to_async(working.say)(said)
            frames += await socket.until(said)
    await sync_to_async(working.end)()


async def test_two_tabs_show_the_vote(alice: User, ask: Ask) -> None:
    comparison = await sync_to_async(lambda: finished(ask()))()

    async with (
        open_page(alice, path(comparison)) as one,
        open_page(alice, path(comparison)) as other,
    ):
        for socket in (one, other):
            await socket.hello()
            await socket.until('id="verdict"')
        await sync_to_async(actions.vote)(comparison, "tie", None)
        for socket in (one, other):
            await socket.until("Your vote")


async def test_an_answer_that_is_asked_for_again_grows_in_its_place(alice: User, ask: Ask) -> None:
    comparison = await sync_to_async(ask)()

    @sync_to_async
    def fail() -> int:
        answer = answers(comparison)[0]
        failed(answer, "Out of memory.")
        return answer.pk

    answer_id = await fail()
    async with open_page(alice, path(comparison)) as socket:
        await socket.hello()
        await socket.until("Out of memory.")
        await sync_to_async(lambda: actions.retry(answers(comparison)[0]))()
        await socket.until(f'id="answer-{answer_id}"', 'data-status="queued"')
        working = await worker(comparison, 0)
        await sync_to_async(working.say)("At last")
        await socket.until("At last")


async def test_a_deleted_one_says_goodbye(alice: User, ask: Ask) -> None:
    comparison = await sync_to_async(ask)()

    async with open_page(alice, path(comparison)) as socket:
        await socket.hello()
        await socket.until('id="verdict"')
        await sync_to_async(actions.delete)(comparison)
        await socket.until("This comparison was deleted.")


async def test_no_frame_of_a_blind_one_tells_the_models(alice: User, ask: Ask) -> None:
    comparison = await sync_to_async(lambda: ask(is_blind=True))()

    async with open_page(alice, path(comparison)) as socket:
        await socket.hello()
        frames = await socket.until('id="verdict"')
        await asyncio.sleep(1.2)  # a second without news brings a line about the wait
        left, right = await worker(comparison, 0), await worker(comparison, 1)
        await sync_to_async(left.end)("Foxes are small.")
        frames += await socket.until('data-status="done"')
        await sync_to_async(right.end)("Foxes are big.")
        frames += await socket.until("Which answer is best?")
        assert not NAMES.search("".join(frames))
        assert "777 tokens" not in "".join(frames)
        assert not any(str(run) in "".join(frames) for run in (left.run.pk, right.run.pk))
        await sync_to_async(actions.vote)(comparison, "tie", None)
        assert NAMES.search("".join(await socket.until("Your vote")))


async def test_a_stranger_can_not_follow_it(alice: User, bob: User, ask: Ask) -> None:
    comparison = await sync_to_async(ask)()

    assert not await Socket(await cookies_of(bob), path(comparison)).connect()
    assert not await Socket("", path(comparison)).connect()
    async with opened(Socket(await cookies_of(alice), path(comparison))):
        pass
