"""Win rates from votes."""

import re

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from conversations.comparisons import actions
from conversations.comparisons.board import board
from conversations.comparisons.bradley_terry import PRIOR, Ballot, rates, strengths, win_rates
from tests.conversations.comparisons.conftest import Ask, answers, failed, finished


def test_strengths_are_those_of_bradley_and_terry() -> None:
    """The example of four teams in Wikipedia's article on the model."""
    wins = np.array([[0, 2, 0, 1], [3, 0, 5, 0], [0, 3, 0, 1], [4, 0, 3, 0]], dtype=float)

    shares = np.exp(strengths(wins))

    np.testing.assert_allclose(shares / shares.sum(), [0.139, 0.226, 0.143, 0.492], atol=5e-4)


def test_of_two_models_it_is_the_share_of_wins() -> None:
    wins = np.array([[0, 30], [10, 0]], dtype=float)

    expected = (30 + PRIOR / 2) / (40 + PRIOR)
    np.testing.assert_allclose(win_rates(wins), [expected, 1 - expected])


def test_a_model_that_wins_all_is_not_infinitely_strong() -> None:
    wins = np.zeros((3, 3))
    wins[0, 1] = wins[1, 2] = 1000.0

    found = win_rates(wins)

    assert 1 > found[0] > found[1] > found[2] > 0


def test_ties_are_half_a_win_each_way() -> None:
    tie = rates({Ballot(("a", "b"), None): 50}, ["a", "b"])
    even = rates({Ballot(("a", "b"), "a"): 25, Ballot(("a", "b"), "b"): 25}, ["a", "b"])

    assert [rate.value for rate in tie] == pytest.approx([0.5, 0.5])
    assert [rate.value for rate in even] == pytest.approx([0.5, 0.5])


def test_the_best_of_four_beats_the_other_three() -> None:
    found = rates({Ballot(("a", "b", "c", "d"), "c"): 10}, ["a", "b", "c", "d"])

    assert found[2].value > 0.95
    assert found[0].value == pytest.approx(found[1].value) == pytest.approx(found[3].value)


def test_more_votes_make_narrower_intervals() -> None:
    def width(votes: int) -> float:
        ballots = {Ballot(("a", "b"), "a"): 3 * votes, Ballot(("a", "b"), "b"): votes}
        rate = rates(ballots, ["a", "b"])[0]
        assert rate.low < rate.value < rate.high
        return rate.high - rate.low

    few, many = width(10), width(1000)

    assert many < few / 5
    # The normal approximation of a share's 95 % interval: 2 · 1.96 · √(p (1 - p) / n)
    assert many == pytest.approx(3.92 * (0.75 * 0.25 / 4000) ** 0.5, rel=0.2)
    assert many == width(1000)


@pytest.mark.django_db
def test_the_board_counts_everybodys_votes(alice: User, bob: User, ask: Ask) -> None:
    for user in (alice, alice, bob):
        comparison = finished(ask(user=user))
        winner = answers(comparison)[0 if user == alice else 1]
        actions.vote(comparison, "winner", winner)

    everybodys, alices = board(), board(alice)

    assert (everybodys.votes, alices.votes) == (3, 2)
    assert [one.model for one in everybodys.standings] == ["aardvark", "bumblebee"]
    assert everybodys.standings[0].rate == pytest.approx((2 + PRIOR / 2) / (3 + PRIOR))
    assert [one.votes for one in everybodys.standings] == [3, 3]
    assert everybodys.standings[0].has_few_votes and not everybodys.standings[0].has_interval
    assert board(bob).standings[0].model == "bumblebee"


@pytest.mark.django_db
def test_a_vote_changes_it_at_once(alice: User, ask: Ask) -> None:
    comparison = finished(ask())
    assert board().votes == 0
    actions.vote(comparison, "winner", answers(comparison)[0])
    assert board().standings[0].model == "aardvark"
    actions.vote(comparison, "winner", answers(comparison)[1])
    assert board().standings[0].model == "bumblebee"
    actions.delete(comparison)
    assert board().votes == 0


@pytest.mark.django_db
def test_only_blind_votes_can_be_counted(ask: Ask) -> None:
    for is_blind in (True, False):
        comparison = finished(ask(is_blind=is_blind))
        actions.vote(comparison, "tie", None)

    assert (board().votes, board(only_blind=True).votes) == (2, 1)


@pytest.mark.django_db
def test_what_failed_is_not_voted_on(ask: Ask) -> None:
    comparison = ask(3)
    failed(answers(comparison)[0], "Out of memory.")
    for answer in answers(comparison)[1:]:
        run = answer.generation
        assert run
        actions.stop([answer])
    comparison.answers.filter(position__gt=0).update(content="Some text.")
    actions.vote(comparison, "tie", None)

    assert {one.model for one in board().standings} == {"bumblebee", "chinchilla"}


@pytest.mark.django_db
def test_the_page_has_a_table_and_a_plot(page: Client, ask: Ask) -> None:
    assert "No votes yet" in page.get("/compare/board/").content.decode()
    for number in range(6):
        comparison = finished(ask(3))
        actions.vote(comparison, "winner", answers(comparison)[number % 2])

    html = page.get("/compare/board/").content.decode()

    assert "From 6 votes." in html
    assert html.count('cy="12" r="6"') == 3
    assert len(re.findall(r'aria-label="\d+ %, between \d+ % and \d+ %"', html)) == 3
    assert "few votes" in html
    assert "No votes yet" in page.get("/compare/board/?of=me&blind=1").content.decode()
