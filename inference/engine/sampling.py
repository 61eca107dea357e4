"""From logits to the next token. Pure functions of logits, tokens and seed: a run that is paused,
or goes on in another process, draws the same numbers as one that was never interrupted."""

import hashlib

import numpy as np
import numpy.typing as npt

from inference.engine.sequence import Constraint, Likelihood, Sampling, Sequence

Logits = npt.NDArray[np.float32]
Ids = npt.NDArray[np.intp]

MOST_REFUSED = 16
"""Draws before the constraint is asked for all that it allows."""
PENALTY_WINDOW = 64
"""Tokens back that the penalties look at, as in llama.cpp."""


def choose(logits: Logits, sequence: Sequence, ends: Ids) -> tuple[int, Likelihood | None]:
    """The sequence's next token. `logits` are changed; `ends` are the tokens that end an answer.

    Raises ValueError when its constraint can't be followed any further, or the model has computed
    no numbers to choose by.
    """
    sampling = sequence.sampling
    if (dictated := sequence.dictated) is not None:
        return dictated, likelihood(logits, dictated, sampling.alternatives or 0)
    raw = logits if sampling.alternatives is None else logits.copy()
    _adjust(logits, sequence, ends)
    token = _draw(logits, sampling, _uniform(sequence, 0))
    if sequence.constraint:
        token = _allowed(token, logits, sequence, sequence.constraint)
        if token not in ends:
            sequence.constraint.accept(token)
    if sampling.alternatives is None:
        return token, None
    return token, likelihood(raw, token, sampling.alternatives)


def likelihood(logits: Logits, token: int, alternatives: int) -> Likelihood:
    top = logits.max()
    normalizer = top + np.log(np.exp(logits - top, dtype=np.float64).sum())
    likeliest = _likeliest(logits, alternatives) if alternatives else ()
    return Likelihood(
        float(logits[token] - normalizer),
        tuple((int(id), float(logits[id] - normalizer)) for id in likeliest),
    )


def penalize(logits: Logits, recent: list[int], sampling: Sampling) -> None:
    """Lower the logits of the recent tokens in place: repetition after Keskar et al. 2019,
    frequency and presence as OpenAI defines them. Exact, and touches only those tokens."""
    repeat, frequency = sampling.repeat_penalty, sampling.frequency_penalty
    if (repeat, frequency, sampling.presence_penalty) == (1, 0, 0):
        return
    tokens, counts = np.unique(recent, return_counts=True)
    values = logits[tokens]
    values = np.where(values > 0, values / repeat, values * repeat)
    logits[tokens] = values - counts * frequency - sampling.presence_penalty


def _allowed(token: int, logits: Logits, sequence: Sequence, constraint: Constraint) -> int:
    """`token`, or one drawn in its place if the constraint forbids it.

    To draw again without what was refused gives exactly the distribution over what is allowed
    (Luce's choice axiom). The mask of all of that takes as long as hundreds of single checks.
    """
    for attempt in range(1, 2 * MOST_REFUSED + 1):
        if constraint.allows(token):
            return token
        logits[token] = -np.inf
        if attempt == MOST_REFUSED:
            logits[~constraint.mask()] = -np.inf
        token = _draw(logits, sequence.sampling, _uniform(sequence, attempt))
    return token if constraint.way_out is None else constraint.way_out


def _adjust(logits: Logits, sequence: Sequence, ends: Ids) -> None:
    sampling = sequence.sampling
    for token, bias in sampling.logit_bias:
        if token < len(logits):
            logits[token] += bias
    if sampling.ignore_eos and not sequence.constraint:  # which says itself where it may end
        logits[ends] = -np.inf
    window = max(len(sequence.tokens) - PENALTY_WINDOW, sequence.text_from)
    penalize(logits, sequence.tokens[window:], sampling)


def _draw(logits: Logits, sampling: Sampling, uniform: float) -> int:
    """In llama.cpp's order: top-k, top-p, min-p, then temperature."""
    if not np.isfinite(logits.max()):
        raise ValueError("no token is possible")
    if sampling.temperature <= 0:
        return int(logits.argmax())
    ids = _candidates(logits, sampling)
    values = logits[ids].astype(np.float64)
    values -= values.max()
    kept = values >= np.log(max(sampling.min_p, 1e-300))
    weights = np.where(kept, np.exp(values / sampling.temperature), 0).cumsum()
    # Rounding may lift the number to the sum itself, which lies behind the last token.
    place = min(uniform * weights[-1], np.nextafter(weights[-1], 0))
    return int(ids[np.searchsorted(weights, place, side="right")])


def _candidates(logits: Logits, sampling: Sampling) -> Ids:
    """The tokens that top-k and top-p leave, the likeliest first where either is in use."""
    if sampling.top_k > 0:
        ids = _likeliest(logits, sampling.top_k)
        return ids if sampling.top_p >= 1 else ids[: _nucleus(logits[ids], sampling.top_p)]
    if sampling.top_p >= 1:
        return np.arange(len(logits))
    total = np.exp(logits - logits.max(), dtype=np.float64).sum()
    count = 256
    while True:  # sorting the whole vocabulary takes many times as long as its first hundreds
        ids = _likeliest(logits, count)
        size = _nucleus(logits[ids], sampling.top_p, total)
        if size < len(ids) or count >= len(logits):
            return ids[:size]
        count *= 8


def _nucleus(values: Logits, top_p: float, total: float = 0.0) -> int:
    """How many of these, the likeliest first, it takes to reach a probability of `top_p`.

    `total` is the sum of weights relative to the first; if not given, of `values` alone.
    """
    weights = np.exp(values - values[0], dtype=np.float64).cumsum()
    share = top_p * (total or weights[-1])
    return min(int(np.searchsorted(weights, share)) + 1, len(values))


def _likeliest(logits: Logits, count: int) -> Ids:
    """The ids of the `count` highest logits, the highest first.

    The maxima of `count` or more groups bound the `count`-th highest from below; what lies above
    that bound is little to sort. About twice as fast as a partition of the whole vocabulary.
    """
    count = min(count, len(logits))
    depth = max(1, min(128, len(logits) // (4 * count)))
    groups = logits[: len(logits) // depth * depth].reshape(depth, -1)
    bound = np.partition(groups.max(axis=0), -count)[-count]
    ids = np.flatnonzero(logits >= bound)
    return ids[np.argsort(-logits[ids], kind="stable")[:count]]


def _uniform(sequence: Sequence, attempt: int) -> float:
    """In [0, 1): a function of the seed and the token's place alone."""
    seed = sequence.sampling.seed & 0xFFFF_FFFF_FFFF_FFFF
    state = f"{seed}:{len(sequence.tokens)}:{attempt}".encode()
    drawn = int.from_bytes(hashlib.blake2b(state, digest_size=8).digest(), "big")
    return (drawn >> 11) * 2.0**-53
