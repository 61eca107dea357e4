"""How likely each generated token was, for those who asked: written with the tokens of an event.

The texts are written beside the ids, as readers have no vocabulary. In the log they are JSON,
`[[place, [[text, logprob, id], …]], …]`, the chosen token first and then the likeliest. Bytes that
are no characters by themselves are escaped as Python's surrogateescape does; all come back.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PLACES = 6
"""Decimal places; the model computes in 32 bits, which have no more to say."""


@dataclass(frozen=True)
class Candidate:
    """A token that came next, or that could have."""

    piece: bytes
    """Its text in UTF-8; a character may be split over tokens."""
    logprob: float
    """The natural logarithm of its probability."""
    id: int


@dataclass(frozen=True)
class TokenLogprob:
    chosen: Candidate
    top: tuple[Candidate, ...]
    """The likeliest first; as many as were asked for."""
    place: int
    """So many characters of the answer stand before the token's text."""


def encode(logprobs: Iterable[TokenLogprob]) -> str:
    rows = [
        (of.place, [_encode_candidate(candidate) for candidate in (of.chosen, *of.top)])
        for of in logprobs
    ]
    return json.dumps(rows, separators=(",", ":"))


def decode(written: str) -> tuple[TokenLogprob, ...]:
    return tuple(_decode_row(place, *candidates) for place, candidates in json.loads(written))


def _encode_candidate(candidate: Candidate) -> tuple[str, float, int]:
    text = candidate.piece.decode("utf-8", "surrogateescape")
    return text, round(candidate.logprob, PLACES), candidate.id


def _decode_row(place: int, chosen: Any, *top: Any) -> TokenLogprob:
    return TokenLogprob(
        _decode_candidate(*chosen), tuple(_decode_candidate(*pair) for pair in top), place
    )


def _decode_candidate(text: str, logprob: float, id: int) -> Candidate:
    return Candidate(text.encode("utf-8", "surrogateescape"), logprob, id)
