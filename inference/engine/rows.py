"""What a step of the model computes, a row for each token."""

from dataclasses import dataclass

from inference.engine.images import Placed
from inference.engine.sequence import Sequence


@dataclass(frozen=True)
class Row:
    """One token of a batch: its sequence, its place in it, and whether to sample after it."""

    sequence: Sequence
    position: int
    token: int
    wanted: bool


def answer_rows(sequence: Sequence) -> list[Row]:
    """Of its last token, and of the guess at those after it."""
    ahead = [sequence.tokens[-1], *sequence.draft]
    start = sequence.computed - sequence.spared
    return [Row(sequence, start + at, token, wanted=True) for at, token in enumerate(ahead)]


def view_rows(sequence: Sequence, here: Placed, count: int) -> list[Row]:
    """The next so many of the view that it is at."""
    first = sequence.computed - here.start
    start = sequence.position(here.start)
    places = here.view.places[0, first : first + count].tolist()
    ids = here.view.ids[first : first + count]
    return [
        Row(sequence, start + place, id, wanted=False)
        for place, id in zip(places, ids, strict=True)
    ]


def prompt_rows(sequence: Sequence, room: int) -> list[Row]:
    """Of its next tokens, as far as the next view if there is one."""
    last = len(sequence.tokens) - 1
    until = min(sequence.computed + max(room, 0), sequence.text_until)
    before = sequence.computed - sequence.position(sequence.computed) if sequence.images else 0
    return [
        Row(
            sequence,
            number - before,
            sequence.tokens[number],
            number == last and not sequence.is_ahead,
        )
        for number in range(sequence.computed, until)
    ]
