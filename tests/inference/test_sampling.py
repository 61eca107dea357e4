from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from inference.engine.sampling import choose, likelihood, penalize
from inference.engine.sequence import Sampling, Sequence

NO_ENDS = np.array([], np.intp)
WIDE = 50_000


def logits_of(probabilities: list[float]) -> npt.NDArray[np.float32]:
    return np.log(np.array(probabilities, np.float32))


def draws(logits: npt.NDArray[np.float32], count: int = 4000, **sampling: Any) -> Counter[int]:
    """What comes out of so many draws, each with another seed."""
    drawn: Counter[int] = Counter()
    for seed in range(count):
        s = Sequence([1], 1, Sampling(**{"temperature": 1.0} | sampling, seed=seed))
        drawn[choose(logits.copy(), s, NO_ENDS)[0]] += 1
    return drawn


@pytest.mark.parametrize("top_k", [0, 3, 40])
def test_tokens_come_as_often_as_their_probability_says(top_k: int) -> None:
    drawn = draws(logits_of([0.5, 0.3, 0.2]), top_k=top_k, top_p=1.0)

    assert drawn[0] / 4000 == pytest.approx(0.5, abs=0.03)
    assert drawn[1] / 4000 == pytest.approx(0.3, abs=0.03)


def test_temperature_sharpens_and_flattens() -> None:
    logits = logits_of([0.6, 0.4])

    assert draws(logits, temperature=0.25)[0] > draws(logits, temperature=1)[0]
    assert draws(logits, temperature=5)[0] < draws(logits, temperature=1)[0]


def test_temperature_zero_takes_the_likeliest() -> None:
    assert set(draws(logits_of([0.2, 0.5, 0.3]), count=50, temperature=0)) == {1}


def test_top_k_leaves_the_k_likeliest() -> None:
    assert set(draws(logits_of([0.1, 0.4, 0.2, 0.3]), top_k=2, top_p=1)) == {1, 3}


def test_top_p_leaves_the_fewest_tokens_that_reach_it() -> None:
    logits = logits_of([0.1, 0.4, 0.2, 0.3])

    for top_k in (0, 4):
        assert set(draws(logits, top_k=top_k, top_p=0.65)) == {1, 3}
        assert set(draws(logits, top_k=top_k, top_p=0.75)) == {1, 2, 3}
        assert set(draws(logits, top_k=top_k, top_p=0)) == {1}


def test_min_p_leaves_what_is_likely_enough_beside_the_likeliest() -> None:
    logits = logits_of([0.1, 0.4, 0.2, 0.3])

    assert set(draws(logits, top_p=1, min_p=0.7)) == {1, 3}
    assert set(draws(logits, top_k=0, top_p=1, min_p=0.45)) == {1, 2, 3}


def test_a_large_vocabulary_is_cut_exactly_as_sorting_all_of_it_would() -> None:
    logits = np.random.default_rng(1).standard_normal(WIDE).astype(np.float32) * 4
    order = np.argsort(-logits, kind="stable")
    weights = np.exp(logits[order] - logits[order[0]], dtype=np.float64)
    nucleus = int(np.searchsorted(weights.cumsum(), 0.3 * weights.sum())) + 1

    assert set(draws(logits, 300, top_k=40, top_p=1)) <= set(order[:40].tolist())
    assert set(draws(logits, 300, top_k=0, top_p=0.3)) <= set(order[:nucleus].tolist())
    assert [token for token, _ in likelihood(logits, 0, 20).top] == order[:20].tolist()


@pytest.mark.parametrize("nothing", [np.nan, -np.inf])
@pytest.mark.parametrize("sampling", [{"temperature": 0}, {}, {"top_p": 1.0, "top_k": 0}])
def test_nothing_is_drawn_from_what_is_no_distribution(
    nothing: float, sampling: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="no token"):
        draws(np.full(300, nothing, np.float32), count=1, **sampling)


def test_the_same_seed_and_place_give_the_same_token_whatever_was_drawn_before() -> None:
    logits = np.random.default_rng(1).standard_normal(WIDE).astype(np.float32)
    sampling = Sampling(temperature=2, top_k=0, seed=5)
    whole = Sequence([1, 2, 3], 10, sampling)
    resumed = Sequence([1, 2, 3, 4, 5], 10, sampling, generated=2)
    whole.tokens += [4, 5]

    assert choose(logits.copy(), whole, NO_ENDS) == choose(logits.copy(), resumed, NO_ENDS)


def test_a_bias_forbids_or_forces_a_token() -> None:
    logits = logits_of([0.98, 0.01, 0.01])

    assert 0 not in draws(logits, 200, logit_bias=((0, -100.0), (99, 100.0)))
    assert set(draws(logits, 200, logit_bias=((2, 100.0),))) == {2}


def test_an_answer_that_may_not_end_gets_no_end_token() -> None:
    s = Sequence([1], 1, Sampling(temperature=0, ignore_eos=True))

    assert choose(logits_of([0.9, 0.06, 0.04]), s, np.array([0]))[0] == 1


def test_log_probabilities_are_the_raw_models() -> None:
    sampling = Sampling(temperature=0, alternatives=2, logit_bias=((2, 100.0),), repeat_penalty=1.5)

    token, told = choose(logits_of([0.5, 0.3, 0.2]), Sequence([1], 1, sampling), NO_ENDS)

    assert token == 2
    assert told is not None
    assert np.exp(told.logprob) == pytest.approx(0.2)
    assert [id for id, _ in told.top] == [0, 1]
    assert np.exp([logprob for _, logprob in told.top]) == pytest.approx([0.5, 0.3])


def test_penalties_touch_only_what_was_said_and_exactly() -> None:
    logits = np.array([2.0, -2.0, 1.0, 4.0], np.float32)

    penalize(
        logits, [0, 1, 1], Sampling(repeat_penalty=2, frequency_penalty=1, presence_penalty=0.5)
    )

    assert logits.tolist() == [2 / 2 - 1 - 0.5, -2 * 2 - 2 - 0.5, 1.0, 4.0]


class Only:
    """Allows these tokens."""

    way_out = None
    is_complete = False

    def hurry(self) -> bool:
        return False

    def __init__(self, *tokens: int) -> None:
        self.tokens = tokens
        self.accepted: list[int] = []

    def allows(self, token: int) -> bool:
        return token in self.tokens

    def mask(self) -> npt.NDArray[np.bool_]:
        return np.isin(np.arange(100), self.tokens)

    def accept(self, token: int) -> None:
        self.accepted.append(token)


def draws_under(constraint: Only, logits: npt.NDArray[np.float32]) -> Counter[int]:
    drawn: Counter[int] = Counter()
    for seed in range(4000):
        sampling = Sampling(temperature=1, top_p=1, top_k=0, seed=seed)
        s = Sequence([1], 1, sampling, constraint=constraint)
        drawn[choose(logits.copy(), s, NO_ENDS)[0]] += 1
        assert constraint.accepted.pop() in constraint.tokens
    return drawn


def test_a_constraint_keeps_the_proportions_of_what_it_allows() -> None:
    drawn = draws_under(Only(0, 2), logits_of([0.1, 0.6, 0.2, 0.1]))

    assert set(drawn) == {0, 2}
    assert drawn[2] / 4000 == pytest.approx(2 / 3, abs=0.03)


def test_it_does_so_as_well_when_nearly_all_is_forbidden() -> None:
    drawn = draws_under(Only(50, 60), logits_of([0.0096] * 50 + [0.01] * 49 + [0.03]))

    assert set(drawn) == {50, 60}
    assert drawn[50] / 4000 == pytest.approx(1 / 2, abs=0.03)


def test_an_end_token_is_not_part_of_the_text_that_is_constrained() -> None:
    constraint = Only(1)
    s = Sequence([1], 1, Sampling(temperature=0), constraint=constraint)

    assert choose(logits_of([0.6, 0.4]), s, np.array([1]))[0] == 1
    assert constraint.accepted == []
