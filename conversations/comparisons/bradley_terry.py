"""How strong models are by votes, after Bradley and Terry, "Rank Analysis of Incomplete Block
Designs" (Biometrika, 1952): one with strength a is preferred to one with strength b with
probability a / (a + b). The strengths that make the votes most likely are found by choix.

Its libraries take a second to load and are only needed for the board: import this where it is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import choix
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

PRIOR = 0.1
"""Of a tie, which each pair of models is taken to have had besides: so that a model that has won
all its votes is not infinitely strong, and any two can be compared."""
SAMPLES = 300
INTERVAL = (2.5, 97.5)
"""Percentiles: 95 of 100."""
SEED = 0
"""The same votes give the same intervals."""
MOST_ITERATIONS = 10_000


@dataclass(frozen=True)
class Ballot:
    """A vote: which of these was the best, or None for a tie of all."""

    models: tuple[str, ...]
    winner: str | None


@dataclass(frozen=True)
class Rate:
    """The chance to be preferred to another model, on average over all others, from 0 to 1; and
    where it may really be."""

    value: float
    low: float
    high: float


def rates(ballots: Mapping[Ballot, int], names: Sequence[str]) -> list[Rate]:
    """Of each of the two or more models; `ballots` tells how often there was which vote. The
    intervals come from votes drawn anew with replacement (Efron's bootstrap): a vote with four
    models is drawn as a whole, as its pairs depend on each other."""
    results = np.array([_results(ballot, names) for ballot in ballots])
    counts = np.array(list(ballots.values()))
    total = int(counts.sum())
    drawn = np.random.default_rng(SEED).multinomial(total, counts / total, size=SAMPLES)
    found = win_rates(np.tensordot(counts, results, 1))
    samples = [win_rates(np.tensordot(sample, results, 1)) for sample in drawn]
    low, high = np.percentile(samples, INTERVAL, axis=0)
    return [
        Rate(float(value), min(float(below), float(value)), max(float(above), float(value)))
        for value, below, above in zip(found, low, high, strict=True)
    ]


def win_rates(wins: Matrix) -> Matrix:
    """`wins[i, j]` is how often i was preferred to j; a tie is half a win each way."""
    count = len(wins)
    prior = PRIOR / 2 * (1 - np.eye(count))
    chances = _chances(strengths(wins + prior))
    rates: Matrix = (chances.sum(axis=1) - 0.5) / (count - 1)
    return rates


def strengths(wins: Matrix) -> Matrix:
    """Logarithms of the strengths; their mean is 0. Each model must have been preferred at some
    time, over some chain of others, to each other one."""
    found: Matrix = choix.ilsr_pairwise_dense(wins, max_iter=MOST_ITERATIONS)
    return found


def _chances(strengths: Matrix) -> Matrix:
    """Of each to be preferred to each; half to itself."""
    chances: Matrix = 1 / (1 + np.exp(strengths[np.newaxis, :] - strengths[:, np.newaxis]))
    return chances


def _results(ballot: Ballot, names: Sequence[str]) -> Matrix:
    """What one vote says of each pair."""
    wins = np.zeros((len(names), len(names)))
    for one, other in combinations(ballot.models, 2):
        i, j = names.index(one), names.index(other)
        if ballot.winner is None:
            wins[i, j] = wins[j, i] = 0.5
        elif ballot.winner == one:
            wins[i, j] = 1
        elif ballot.winner == other:
            wins[j, i] = 1
    return wins
