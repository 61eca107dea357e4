import pytest

from inference.engine.scheduler import Scheduler, append
from inference.engine.sequence import End, Sequence


def sequence(prompt: int, most: int = 10) -> Sequence:
    return Sequence(list(range(1, prompt + 1)), most)


def step(scheduler: Scheduler) -> list[tuple[Sequence, int]]:
    """Run one step; who was in it with how many rows."""
    rows = scheduler.schedule()
    for due in scheduler.computed(rows):
        append(due, 7, is_end=False)
    return [
        (s, sum(row.sequence is s for row in rows)) for s in dict.fromkeys(r.sequence for r in rows)
    ]


def test_a_lone_prompt_is_computed_in_as_few_steps_as_the_batch_allows() -> None:
    scheduler = Scheduler(slots=2, cells=100, batch_size=16)
    scheduler.add(long := sequence(20))

    assert step(scheduler) == [(long, 16)]
    assert long.produced == 0
    assert step(scheduler) == [(long, 4)]
    assert long.produced == 1
    assert step(scheduler) == [(long, 1)]


def test_running_answers_go_first_and_a_prompt_beside_them_is_cut_into_chunks() -> None:
    scheduler = Scheduler(slots=2, cells=200, batch_size=64, chunk=8)
    scheduler.add(running := sequence(3))
    step(scheduler)
    scheduler.add(arriving := sequence(20))

    assert step(scheduler) == [(running, 1), (arriving, 8)]
    assert step(scheduler) == [(running, 1), (arriving, 8)]
    assert step(scheduler) == [(running, 1), (arriving, 4)]
    assert (running.produced, arriving.produced) == (4, 1)


def test_all_running_answers_grow_in_the_same_step() -> None:
    scheduler = Scheduler(slots=10, cells=1000, batch_size=64)
    ten = [sequence(4) for _ in range(10)]
    for one in ten:
        scheduler.add(one)

    for _ in range(3):
        step(scheduler)

    assert [one.produced for one in ten] == [3] * 10


def test_a_batch_is_never_overfilled() -> None:
    scheduler = Scheduler(slots=8, cells=10_000, batch_size=8, chunk=64)
    for _ in range(8):
        scheduler.add(sequence(30))

    for _ in range(60):
        assert sum(count for _, count in step(scheduler)) <= 8


def test_those_beyond_the_slots_wait_and_start_in_their_order() -> None:
    scheduler = Scheduler(slots=1, cells=100, batch_size=16)
    first, second, third = sequence(2), sequence(2), sequence(2)
    for one in (first, second, third):
        scheduler.add(one)
    assert step(scheduler) == [(first, 2)]

    first.end = End.STOP
    scheduler.retire()

    assert step(scheduler) == [(second, 2)]
    assert list(scheduler.waiting) == [third]


def test_a_sequence_waits_until_the_cache_can_hold_it_to_its_end() -> None:
    scheduler = Scheduler(slots=4, cells=30, batch_size=16)
    scheduler.add(first := sequence(10, most=10))
    scheduler.add(second := sequence(10, most=10))
    assert step(scheduler) == [(first, 10)]

    first.end = End.STOP
    scheduler.retire()

    assert step(scheduler) == [(second, 10)]


def test_a_sequence_that_can_never_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="exceed"):
        Scheduler(slots=1, cells=10, batch_size=4).add(sequence(20))


def test_ended_sequences_leave_whether_they_ran_or_waited_and_their_slots_are_used_again() -> None:
    scheduler = Scheduler(slots=1, cells=100, batch_size=16)
    scheduler.add(running := sequence(2))
    scheduler.add(waiting := sequence(2))
    scheduler.schedule()
    running.end = waiting.end = End.CANCELLED

    assert set(scheduler.retire()) == {running, waiting}
    assert scheduler.is_idle
    scheduler.add(following := sequence(2))
    scheduler.schedule()
    assert following.slot == running.slot


def test_an_answer_ends_at_its_limit_of_tokens() -> None:
    scheduler = Scheduler(slots=1, cells=100, batch_size=16)
    scheduler.add(short := sequence(2, most=3))

    for _ in range(3):
        assert short.end is None
        step(scheduler)

    assert short.end is End.LENGTH


def test_tokens_of_an_earlier_attempt_count_towards_the_limit() -> None:
    resumed = Sequence([1, 2, 3, 4], max_tokens=3, generated=2)

    append(resumed, 5, is_end=False)

    assert resumed.end is End.LENGTH
