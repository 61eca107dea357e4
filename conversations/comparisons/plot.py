"""Dots with their intervals, on a scale from 0 to 1."""

from dataclasses import dataclass

from conversations.comparisons.board import Board, Standing

WIDTH, MARGIN = 400, 8
"""In the units of the drawing; the margin has room for half a dot."""


@dataclass(frozen=True)
class Mark:
    standing: Standing
    dot: int
    left: int
    right: int
    percent: int
    low: int
    high: int


def plot(board: Board) -> list[Mark]:
    return [
        Mark(
            one,
            *map(_place, (one.rate, one.low, one.high)),
            *(round(100 * share) for share in (one.rate, one.low, one.high)),
        )
        for one in board.standings
    ]


def _place(share: float) -> int:
    return round(MARGIN + share * (WIDTH - 2 * MARGIN))
