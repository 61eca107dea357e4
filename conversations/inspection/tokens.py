"""Tokens as an inspection keeps them, and as a page shows them."""

import math
from codecs import getincrementaldecoder
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format

from inference.token_log import Candidate, TokenLogprob

LEVELS = (0.9, 0.6, 0.3, 0.1, 0.02)
"""A token's colour tells in which of the spans between these probabilities its own lies."""


@dataclass(frozen=True)
class Choice:
    """A token that came, or could have."""

    id: int
    piece: bytes
    logprob: float

    @property
    def probability(self) -> float:
        return math.exp(self.logprob)

    @property
    def percent(self) -> float:
        return 100 * self.probability

    @property
    def share(self) -> str:
        """The probability for people, in per cent."""
        return (
            number_format(round(self.percent, 2), 2)
            if self.percent >= 0.01
            else "< " + number_format(0.01, 2)
        )

    @property
    def text(self) -> str:
        """For people: what can't be seen is named."""
        return shown(self.piece)


@dataclass(frozen=True)
class Token:
    place: int
    """In the answer, from 0."""
    chosen: Choice
    alternatives: tuple[Choice, ...]
    """The likeliest, the chosen one left out."""
    text: str
    """What it adds to the answer; a character split over tokens is in the last of them."""

    @property
    def level(self) -> int:
        """From 0, to be expected, to 5, a surprise."""
        return sum(self.chosen.probability < least for least in LEVELS)

    @property
    def rank(self) -> int | None:
        """1 if no other was likelier; None if it is not known."""
        likelier = sum(other.logprob > self.chosen.logprob for other in self.alternatives)
        return likelier + 1 if likelier < len(self.alternatives) or not likelier else None


def pack(told: Iterable[TokenLogprob]) -> list[Any]:
    return [[*_pack(row.chosen), [_pack(other) for other in row.top]] for row in told]


def unpack(rows: Iterable[Any]) -> list[Token]:
    decode = getincrementaldecoder("utf-8")("replace").decode
    tokens = []
    for place, (id, piece, logprob, others) in enumerate(rows):
        chosen = _unpack(id, piece, logprob)
        alternatives = tuple(_unpack(*other) for other in others if other[0] != id)
        tokens.append(Token(place, chosen, alternatives, decode(chosen.piece)))
    return tokens


def text_of(pieces: Iterable[bytes]) -> str:
    """Without the beginning of a character that they end with: the rest of it is to come."""
    return getincrementaldecoder("utf-8")("replace").decode(b"".join(pieces))


def parted(beginning: str, whole: str, thought: str, said: str) -> tuple[str, str]:
    """What is thought and what is said in another beginning of the answer `whole`. By which marks
    they are parted shows where they stand in it."""
    if not thought:
        return "", beginning
    start = whole.find(said, max(0, whole.find(thought)) + len(thought)) if said else len(whole)
    if len(beginning) > start >= 0:
        return thought, beginning[start:]
    begin = whole.find(thought)
    return (beginning[begin : begin + len(thought)], "") if begin >= 0 else (thought, "")


def first_difference(one: Sequence[int], other: Sequence[int]) -> int | None:
    """The place of the first token that differs, or that only one of them has."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return None if len(one) == len(other) else min(len(one), len(other))


def shown(piece: bytes) -> str:
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return " ".join(f"{byte:02x}" for byte in piece)
    return text.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥")


def _pack(candidate: Candidate) -> list[Any]:
    return [candidate.id, candidate.piece.hex(), round(candidate.logprob, 4)]


def _unpack(id: int, piece: str, logprob: float) -> Choice:
    return Choice(id, bytes.fromhex(piece), logprob)
