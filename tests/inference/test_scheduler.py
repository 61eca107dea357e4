import random

import pytest

from inference.engine.cache import KVCache
from inference.engine.pace import Pace
from inference.engine.scheduler import Scheduler
from inference.engine.sequence import End, Sequence
from tests.inference.fakes import Cell, FakeMemory


class Slow(Pace):
    """A machine on which `chunk` tokens of a prompt fit beside running answers."""

    def __init__(self, chunk: int) -> None:
        super().__init__()
        self._chunk = chunk

    def chunk(self, decoding: int, reading: int) -> int:
        return self._chunk if decoding else 1000


def scheduler(
    slots: int = 4, cells: int = 1000, batch_size: int = 64, chunk: int = 8, ids: int = 0
) -> Scheduler:
    cache = KVCache(FakeMemory(cells), cells, ids or 4 * slots)
    return Scheduler(cache, slots, batch_size, Slow(chunk))


fresh = random.Random(0)


def sequence(prompt: int, most: int = 10, owner: str = "") -> Sequence:
    """Its tokens have nothing in common with another's."""
    return Sequence([fresh.randrange(1, 2**30) for _ in range(prompt)], most, owner=owner)


def step(scheduler: Scheduler) -> list[tuple[Sequence, int]]:
    """Run one step; who was in it with how many rows."""
    scheduler.retire()
    rows = scheduler.schedule()
    memory: FakeMemory = scheduler.cache._memory  # type: ignore[assignment]
    for row in rows:
        memory.held.setdefault(row.sequence.id, []).append(Cell(row.token))
    scheduler.computed(rows)
    assert scheduler.cache.free == memory.cells - memory.used
    for row in rows:
        if row.wanted:
            row.sequence.append(fresh.randrange(1, 2**30))
    return [
        (s, sum(row.sequence is s for row in rows)) for s in dict.fromkeys(r.sequence for r in rows)
    ]


def test_a_lone_prompt_is_computed_in_as_few_steps_as_the_batch_allows() -> None:
    s = scheduler(batch_size=16)
    s.add(long := sequence(20))

    assert step(s) == [(long, 16)]
    assert long.produced == 0
    assert step(s) == [(long, 4)]
    assert long.produced == 1
    assert step(s) == [(long, 1)]


def test_running_answers_go_first_and_a_prompt_beside_them_is_cut_into_chunks() -> None:
    s = scheduler(slots=2)
    s.add(running := sequence(3))
    step(s)
    s.add(arriving := sequence(30))

    assert step(s) == [(running, 1), (arriving, 8)]
    assert step(s) == [(running, 1), (arriving, 8)]
    assert step(s) == [(running, 1), (arriving, 14)]  # a rest that is not worth a step of its own
    assert (running.produced, arriving.produced) == (4, 1)


def test_all_running_answers_grow_in_the_same_step() -> None:
    s = scheduler(slots=10)
    ten = [sequence(4) for _ in range(10)]
    for one in ten:
        s.add(one)

    for _ in range(3):
        step(s)

    assert [one.produced for one in ten] == [3] * 10


def test_a_batch_is_never_overfilled() -> None:
    s = scheduler(slots=8, cells=10_000, batch_size=8, chunk=64)
    for _ in range(8):
        s.add(sequence(30))

    for _ in range(60):
        assert sum(count for _, count in step(s)) <= 8


def test_those_beyond_the_slots_wait_and_start_in_their_order() -> None:
    s = scheduler(slots=1)
    first, second, third = sequence(2), sequence(2), sequence(2)
    for one in (first, second, third):
        s.add(one)
    assert step(s) == [(first, 2)]

    first.end = End.STOP

    assert step(s) == [(second, 2)]
    assert s.waiting == [third]


def test_a_sequence_that_can_never_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="exceed"):
        scheduler(cells=10).add(sequence(20))


def test_ended_sequences_leave_whether_they_ran_or_waited() -> None:
    s = scheduler(slots=1)
    s.add(running := sequence(2))
    s.add(waiting := sequence(2))
    s.schedule()
    running.end = waiting.end = End.CANCELLED

    assert set(s.retire()) == {running, waiting}
    assert s.is_idle


def test_an_answer_ends_at_its_limit_of_tokens() -> None:
    s = scheduler()
    s.add(short := sequence(2, most=3))

    for _ in range(3):
        assert short.end is None
        step(s)

    assert short.end is End.LENGTH


def test_tokens_of_an_earlier_attempt_count_towards_the_limit() -> None:
    resumed = Sequence([1, 2, 3, 4], max_tokens=3, generated=2)

    resumed.append(5)

    assert resumed.end is End.LENGTH


def test_when_the_cache_is_full_the_newest_answer_pauses_and_all_come_to_their_end() -> None:
    s = scheduler(slots=4, cells=120, chunk=64)
    five = [sequence(30, most=40) for _ in range(5)]
    for one in five:
        s.add(one)
    ended: list[Sequence] = []

    while not s.is_idle:
        step(s)
        ended += [one for one in five if one.end and one not in ended]

    assert {one.end for one in five} == {End.LENGTH}
    assert ended[0] is five[0]


def test_prompts_that_fill_the_cache_together_do_not_block_each_other() -> None:
    s = scheduler(slots=2, cells=100, batch_size=32)
    two = [sequence(80, most=10) for _ in range(2)]
    for one in two:
        s.add(one)

    for _ in range(60):
        step(s)

    assert [one.end for one in two] == [End.LENGTH] * 2


def test_who_was_served_least_has_the_prompt_read_first() -> None:
    s = scheduler(slots=20, chunk=8)
    for _ in range(12):
        s.add(sequence(40, most=100, owner="many"))
    step(s)
    s.add(single := sequence(8, owner="one"))

    assert (single, 8) in step(s)


def test_nobody_gets_credit_for_time_they_were_away() -> None:
    s = scheduler(slots=20, chunk=8)
    s.add(sequence(4, most=200, owner="early"))
    for _ in range(50):
        step(s)
    s.add(sequence(500, owner="late"))
    s.add(second := sequence(8, owner="early"))

    for _ in range(5):
        step(s)

    assert second.produced > 0


def test_one_of_somebodys_many_answers_makes_way_for_a_newcomer() -> None:
    s = scheduler(slots=4, chunk=64)
    many = [sequence(20, most=50, owner="many") for _ in range(4)]
    for one in many:
        s.add(one)
    step(s)
    s.add(newcomer := sequence(20, most=3, owner="one"))

    assert (newcomer, 20) in step(s)
    assert s.waiting == [many[-1]]
    while not s.is_idle:
        step(s)
    assert [one.produced for one in many] == [50] * 4


def test_nobody_makes_way_for_one_who_has_an_answer_running_already() -> None:
    s = scheduler(slots=2, chunk=64)
    for owner in ("a", "b", "b"):
        s.add(sequence(20, most=50, owner=owner))
    step(s)

    step(s)

    assert [one.owner for one in s.running] == ["a", "b"]


def test_one_of_two_with_the_same_prompt_waits_to_take_over_what_the_other_reads() -> None:
    s = scheduler(batch_size=32)
    prompt = [fresh.randrange(1, 2**30) for _ in range(100)]
    first, second = Sequence(prompt, 10), Sequence(prompt, 10)
    s.add(first)
    s.add(second)
    counts: dict[Sequence, int] = {first: 0, second: 0}

    while second.produced == 0:
        for who, rows in step(s):
            counts[who] += rows

    assert first.reused == 0
    assert second.reused == 100 - counts[second] >= 68


def test_what_was_reused_counts_the_prompt_only() -> None:
    s = scheduler()
    s.add(first := sequence(40, most=20))
    while not s.is_idle:
        step(s)
    s.add(resumed := Sequence(first.tokens, 30, generated=20))

    step(s)

    assert resumed.reused == 40


def test_what_is_read_ahead_is_there_for_the_next_turn_and_not_answered() -> None:
    s = scheduler()
    s.add(first := sequence(40, most=5))
    while not s.is_idle:
        step(s)
    tokens = [*first.tokens, *range(1, 8)]
    s.add(ahead := Sequence(tokens, 0, is_ahead=True))
    while not s.is_idle:
        step(s)
    s.add(second := Sequence([*tokens, 99, 98], 5))

    step(s)

    assert ahead.end is End.STOP
    assert ahead.tokens == tokens
    assert second.reused == len(tokens)


def test_reading_ahead_gives_way_at_once_and_is_not_begun_while_there_is_work() -> None:
    s = scheduler(batch_size=16)
    s.add(ahead := Sequence(list(range(1, 100)), 0, is_ahead=True))
    step(s)
    s.add(asked := sequence(20))
    s.add(late := Sequence(list(range(200, 300)), 0, is_ahead=True))

    assert [who for who, _ in step(s)] == [asked]
    assert ahead.end is End.CANCELLED
    assert late not in s.waiting
