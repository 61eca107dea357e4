"""Votes, and what a blind comparison must not tell before them."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.comparisons import actions
from conversations.models import Comparison
from inference import presence
from inference.models import AIModel, Generation
from inference.presence import ModelState, WorkerState
from tests.api.conftest import bearer
from tests.conversations.comparisons.conftest import (
    Ask,
    answered,
    answers,
    claimed,
    failed,
    finished,
)

NAMES = re.compile("aardvark|bumblebee|chinchilla|dromedary", re.IGNORECASE)


def vote(page: Client, comparison: Comparison, choice: object) -> int:
    return page.post(f"{comparison.get_absolute_url()}vote/", {"choice": choice}).status_code


def fresh(comparison: Comparison) -> Comparison:
    return Comparison.objects.get(pk=comparison.pk)


def test_the_best_is_chosen(page: Client, ask: Ask) -> None:
    comparison = finished(ask(3))
    best = answers(comparison)[1]

    assert vote(page, comparison, best.pk) == 204

    voted = fresh(comparison)
    assert (voted.verdict, voted.winner) == ("winner", best)
    assert voted.voted_at and not voted.voted_blind
    html = page.get(comparison.get_absolute_url()).content.decode()
    assert f'value="{best.pk}" aria-pressed="true"' in html
    assert "compared-best" in html


@pytest.mark.parametrize("verdict", ["tie", "none"])
def test_it_may_be_a_tie(page: Client, ask: Ask, verdict: str) -> None:
    comparison = finished(ask())

    assert vote(page, comparison, verdict) == 204

    assert (fresh(comparison).verdict, fresh(comparison).winner) == (verdict, None)


def test_a_vote_can_be_changed(page: Client, ask: Ask) -> None:
    comparison = finished(ask())

    vote(page, comparison, "tie")
    vote(page, comparison, answers(comparison)[0].pk)

    assert fresh(comparison).winner == answers(comparison)[0]


def test_it_waits_for_all_answers(page: Client, ask: Ask) -> None:
    comparison = ask()
    answered(answers(comparison)[0], "A fox.")

    assert vote(page, comparison, "tie") == 409
    assert fresh(comparison).voted_at is None


def test_one_answer_is_no_choice(page: Client, ask: Ask) -> None:
    comparison = ask()
    answered(answers(comparison)[0], "A fox.")
    failed(answers(comparison)[1], "Out of memory.")

    assert vote(page, comparison, answers(comparison)[0].pk) == 409
    assert "not enough answers" in page.get(comparison.get_absolute_url()).content.decode()


@pytest.mark.parametrize("choice", ["", "best", "0", "-1", "9" * 30, "\0"])
def test_there_is_no_other_choice(page: Client, ask: Ask, choice: str) -> None:
    comparison = finished(ask())

    assert vote(page, comparison, choice) == 422
    assert fresh(comparison).voted_at is None


def test_an_answer_of_another_comparison_is_none(page: Client, ask: Ask) -> None:
    comparison, other = finished(ask()), finished(ask())

    assert vote(page, comparison, answers(other)[0].pk) == 422


def test_without_scripts_a_refusal_is_told_in_the_page(plain_page: Client, ask: Ask) -> None:
    comparison = ask()

    reply = plain_page.post(f"{comparison.get_absolute_url()}vote/", {"choice": "tie"})

    assert reply.status_code == 409
    assert "Wait until all answers have ended" in reply.content.decode()


# Blind


@pytest.fixture
def states(models: list[AIModel]) -> Iterator[None]:
    """Their workers' news would tell them apart, too."""
    states = {
        models[0].pk: ModelState("loading", 0.37),
        models[1].pk: ModelState("failed", error="bumblebee.gguf is broken"),
    }
    presence.report(WorkerState("tests", states, seen_at=timezone.now().timestamp()))
    return


def everything(page: Client, alice: User, comparison: Comparison) -> str:
    """All that its owner can read about it."""
    program = Client(headers={"authorization": bearer(alice)})
    replies = [
        page.get(comparison.get_absolute_url()),
        page.get("/compare/earlier/"),
        page.get(f"{comparison.get_absolute_url()}delete/"),
        program.get(f"/api/v1/comparisons/{comparison.pk}"),
        program.get("/api/v1/comparisons"),
    ]
    assert {reply.status_code for reply in replies} == {200}
    return "".join(reply.content.decode() for reply in replies)


@pytest.mark.usefixtures("states")
def test_nothing_tells_the_models_apart_before_the_vote(
    page: Client, alice: User, ask: Ask
) -> None:
    comparison = ask(4, is_blind=True)
    first, second, third, _fourth = answers(comparison)
    seen = [everything(page, alice, comparison)]
    answered(first, "A fox.")
    failed(second, f"{second.model_name} ran out of memory")
    claimed(third)
    seen.append(everything(page, alice, comparison))
    actions.stop(answers(comparison))
    actions.stop([answers(comparison)[2]])
    seen.append(everything(page, alice, comparison))

    for html in seen:
        assert not NAMES.search(html)
        assert "777 tokens" not in html
        assert "37 %" not in html
        assert ">A<" in html
    assert "The answer failed." in seen[1]


def test_the_names_show_when_the_vote_is_given(page: Client, alice: User, ask: Ask) -> None:
    comparison = finished(ask(is_blind=True))
    assert not NAMES.search(everything(page, alice, comparison))

    vote(page, comparison, "tie")

    told = everything(page, alice, comparison)
    assert "Aardvark" in told
    assert "777 tokens" in told
    assert fresh(comparison).voted_blind


def test_nothing_is_carried_on_before_the_vote(page: Client, ask: Ask) -> None:
    comparison = finished(ask(is_blind=True))
    answer = answers(comparison)[0]

    reply = page.post(f"/compare/answers/{answer.pk}/carry-on/")

    assert reply.status_code == 409
    assert not NAMES.search(reply.content.decode())


def test_the_order_is_chance(ask: Ask) -> None:
    orders = set()
    for _ in range(8):
        comparison = ask(4, is_blind=True)
        orders.add(tuple(answer.model_name for answer in answers(comparison)))
        actions.stop(answers(comparison))

    assert len(orders) > 1


def test_a_vote_that_is_changed_when_the_names_are_known_is_not_blind(
    page: Client, ask: Ask
) -> None:
    comparison = finished(ask(is_blind=True))

    vote(page, comparison, "tie")
    vote(page, comparison, "tie")
    assert fresh(comparison).voted_blind
    vote(page, comparison, "none")
    assert not fresh(comparison).voted_blind
    vote(page, comparison, "tie")
    assert not fresh(comparison).voted_blind


def test_nothing_is_asked_for_again_after_the_vote(page: Client, ask: Ask) -> None:
    comparison = ask(3, is_blind=True)
    for answer in answers(comparison)[:2]:
        answered(answer, "A fox.")
    failed(answers(comparison)[2], "Out of memory.")
    vote(page, comparison, "tie")

    assert page.post(f"/compare/answers/{answers(comparison)[2].pk}/retry/").status_code == 409


def test_the_queue_tells_neither_where_they_stand_nor_which_they_are(ask: Ask) -> None:
    places, names = set(), set()
    for _ in range(12):
        comparison = ask(4, is_blind=True)
        waiting = Generation.objects.filter(status="queued").order_by("created_at")
        places.add(tuple(run.compared.position for run in waiting))
        names.add(tuple(run.model.name for run in waiting))
        actions.stop(answers(comparison))

    assert len(places) > 1
    assert len(names) > 1
