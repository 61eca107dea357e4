import asyncio
from contextlib import aclosing
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from inference.models import AIModel, Generation
from inference.token_log import (
    Candidate,
    Ended,
    Event,
    Started,
    TokenLog,
    TokenLogprob,
    Tokens,
    follow,
)
from inference.token_log import reader as reading
from inference.token_log.events import decode, encode

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def generation(alice: User, model: AIModel) -> Generation:
    return Generation.objects.create(user=alice, model=model, status=Generation.Status.RUNNING)


def tokens(number: int, attempt: int = 1) -> Tokens:
    return Tokens(f"{attempt}-{number}", (number,), f"t{number} ")


END = Ended("1-99", "done", "stop")


async def write(run: UUID, *events: Event) -> None:
    await sync_to_async(TokenLog.default().write, thread_sensitive=False)(
        [(run, e) for e in events]
    )


async def collect(run: UUID, after: str = "0") -> list[Event]:
    return [event async for event in follow(run, after)]


async def test_a_follower_gets_what_was_written_before_and_what_comes_after(
    generation: Generation,
) -> None:
    await write(generation.pk, Started("1-0"), tokens(1))
    following = asyncio.create_task(collect(generation.pk))
    await asyncio.sleep(0.1)
    await write(generation.pk, tokens(2))
    await write(generation.pk, tokens(3), END)

    assert await following == [Started("1-0"), tokens(1), tokens(2), tokens(3), END]


async def test_a_follower_that_returns_goes_on_after_the_last_event_it_saw(
    generation: Generation,
) -> None:
    await write(generation.pk, tokens(1), tokens(2), tokens(3), END)

    assert await collect(generation.pk, after="1-2") == [tokens(3), END]


async def test_many_followers_of_one_run_and_of_others_each_get_their_own_whole_stream() -> None:
    runs = [uuid4() for _ in range(5)]
    following = [asyncio.create_task(collect(run)) for run in runs * 3]
    for number in range(1, 20):
        for run in runs:
            await write(run, tokens(number))
        if number == 10:  # one that joins in the middle
            following.append(asyncio.create_task(collect(runs[0])))
    for run in runs:
        await write(run, END)

    expected = [*(tokens(number) for number in range(1, 20)), END]
    assert await asyncio.gather(*following) == [expected] * 16


async def test_a_slow_follower_re_reads_what_did_not_wait_for_it(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_WAITING", 5)
    got: list[Event] = []
    async with aclosing(follow(generation.pk)) as events:
        await write(generation.pk, tokens(1))
        got.append(await anext(events))
        for number in range(2, 60):
            await write(generation.pk, tokens(number))
        await write(generation.pk, END)
        await asyncio.sleep(0.1)
        got += [event async for event in events]

    assert got == [*(tokens(number) for number in range(1, 60)), END]


async def test_a_lost_end_is_learnt_from_the_row(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHECK_SECONDS", 0.1)
    await write(generation.pk, tokens(1))
    following = asyncio.create_task(collect(generation.pk))
    await asyncio.sleep(0.2)
    await Generation.objects.filter(pk=generation.pk).aupdate(status="done", reason="stop")

    assert await following == [tokens(1), Ended("1-1", "done", "stop")]


async def test_a_run_whose_log_has_expired_ends_at_once(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHECK_SECONDS", 0.1)
    await Generation.objects.filter(pk=generation.pk).aupdate(status="stopped", reason="cancelled")

    assert await collect(generation.pk) == [Ended("0", "stopped", "cancelled")]


def test_a_worker_taken_for_dead_cannot_write_any_more() -> None:
    run, log = uuid4(), TokenLog.default()
    log.write([(run, Started("1-0")), (run, tokens(1))])
    log.write([(run, Started("2-0"))])

    refused = log.write([(run, tokens(2))])

    assert refused == {run}
    assert log.tokens(run) == [1]


def test_writing_an_entry_again_changes_nothing() -> None:
    run, log = uuid4(), TokenLog.default()

    assert log.write([(run, tokens(1)), (run, tokens(2))]) == set()
    assert log.write([(run, tokens(1)), (run, tokens(2))]) == set()

    assert log.tokens(run) == [1, 2]
    assert log.text(run) == "t1 t2 "


LIKELY = TokenLogprob(
    Candidate(b"a", -0.25, 1), (Candidate(b"a", -0.25, 1), Candidate(b"b", -3.5, 2)), 0
)


def test_logprobs_come_back_as_they_were_written() -> None:
    run, log = uuid4(), TokenLog.default()
    split = [bytes([byte]) for byte in "é😀".encode()] + [b"\xff", "\u20ac".encode(), b""]
    pieces = tuple(
        TokenLogprob(Candidate(piece, -1.5, 3), (Candidate(piece, float("-inf"), 3),), at)
        for at, piece in enumerate(split)
    )
    event = Tokens("1-9", tuple(range(9)), "é😀", (LIKELY, *pieces))

    log.write([(run, event)])

    assert log.events(run) == [event]


def test_an_entry_without_logprobs_is_no_longer_for_them() -> None:
    assert set(encode(tokens(1))) == {"kind", "ids", "text"}


def test_an_entry_that_was_written_before_there_were_logprobs_is_read() -> None:
    assert decode("1-1", {"kind": "tokens", "ids": "1", "text": "t1 "}) == tokens(1)


def test_it_is_logged_which_stop_string_ended_an_answer() -> None:
    run, log = uuid4(), TokenLog.default()
    event = Tokens("1-2", (1, 2), "the ", stop="END")

    log.write([(run, event)])

    assert log.events(run) == [event]


def test_how_calls_are_to_be_read_is_told_at_the_beginning_and_only_where_there_are_any() -> None:
    event = Started("1-0", {"opening": "[", "separator": None, "is_own": True})

    assert decode("1-0", encode(event)) == event
    assert encode(Started("1-0")) == {"kind": "started"}


async def test_what_a_lost_worker_told_of_its_tokens_stays(generation: Generation) -> None:
    earlier = Tokens("1-1", (1,), "a", (LIKELY,))
    later = Tokens("2-2", (2,), "b", (TokenLogprob(Candidate(b"b", -0.5, 2), (), 1),))
    end = Ended("2-4", "done", "stop")

    await write(generation.pk, Started("1-0"), earlier, Started("2-1"), later, end)

    assert [e for e in await collect(generation.pk) if isinstance(e, Tokens)] == [earlier, later]
