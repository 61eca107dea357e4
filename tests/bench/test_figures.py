"""What the bench makes of the times at which tokens came."""

import pytest

from bench.clients import Arrival, Trace, joint_rate, whole_rate
from bench.record import Bound, Record, Row


def answer(asked_at: float, *times: float) -> Trace:
    return Trace(asked_at, [Arrival(at, number) for number, at in enumerate(times, start=1)])


def test_the_joint_rate_leaves_out_when_not_all_were_writing() -> None:
    early = answer(0, 1, 2, 3, 4, 5)
    late = answer(0, 3, 4, 5, 6, 7)
    assert joint_rate([early, late]) == pytest.approx(2)  # 3 to 5: two tokens a second


def test_answers_that_never_overlap_have_no_joint_rate() -> None:
    with pytest.raises(ValueError, match="never written at the same time"):
        joint_rate([answer(0, 1, 2), answer(0, 3, 4)])


def test_the_whole_rate_counts_from_the_first_question() -> None:
    assert whole_rate([answer(0, 4, 5), answer(1, 9, 10)]) == pytest.approx(0.4)


def test_a_gap_counts_whole_though_only_a_part_lies_in_the_time_asked_for() -> None:
    trace = answer(0, 1, 2, 9, 10)
    assert trace.longest_gap(3, 4) == 7
    assert trace.longest_gap(9.5, 9.6) == 1


def test_tokens_that_came_in_one_piece_are_all_counted() -> None:
    trace = Trace(0, [Arrival(1, 3), Arrival(2, 8)])
    assert trace.tokens_between(1, 2) == 5
    assert trace.tokens_between(0, 2) == 8


def test_ratios_are_taken_within_a_repeat() -> None:
    record = Record()
    for ours, default, tuned in ((10, 5, 4), (20, 10, 40)):
        record.add("ours", ours)
        record.add("default", default)
        record.add("tuned", tuned)
    assert record.ratio("ours", "default", "tuned") == [2, 0.5]
    assert record.ratio("ours", "default", "tuned", best=min) == [2.5, 2]


@pytest.mark.parametrize(
    ("bound", "limit", "is_reached"),
    [(Bound.AT_LEAST, 2, True), (Bound.AT_LEAST, 3, False), (Bound.AT_MOST, 1, False)],
)
def test_the_median_decides_what_is_reached(bound: Bound, limit: float, is_reached: bool) -> None:
    assert Row("figure", [1, 2, 9], bound, limit).is_reached is is_reached
