"""Comparisons in the admin: who compared which models and voted how, not what was asked."""

import pytest
from django.test import Client

from accounts.models import User
from conversations.comparisons import actions
from inference.models import AIModel
from tests.conversations.comparisons.conftest import Ask, answers, ask, finished, models

__all__ = ["ask", "models"]  # fixtures

PAGE = "/admin/conversations/comparison/"


def test_a_row_tells_models_and_verdict(admin: Client, ask: Ask) -> None:
    comparison = finished(ask(3))
    actions.vote(comparison, "winner", answers(comparison)[1])

    listed = admin.get(PAGE).content.decode()

    assert "Aardvark, Bumblebee, Chinchilla" in listed
    assert "one is the best" in listed
    assert "alice@example.org" in listed


def test_no_text_is_shown(admin: Client, ask: Ask) -> None:
    comparison = finished(ask())

    listed = admin.get(PAGE).content.decode()

    assert "What is a fox?" not in listed
    assert "Answer A." not in listed
    assert admin.get(f"{PAGE}{comparison.pk}/change/").status_code == 404


@pytest.mark.parametrize("lookup", ["prompt__contains", "answers__content__contains"])
def test_no_filter_tells_it_either(admin: Client, ask: Ask, lookup: str) -> None:
    ask()

    assert admin.get(PAGE, {lookup: "fox"}).status_code == 400


def test_the_order_of_a_blind_one_is_not_told(
    admin: Client, alice: User, models: list[AIModel], ask: Ask
) -> None:
    ask(4, is_blind=True)

    assert "Aardvark, Bumblebee, Chinchilla, Dromedary" in admin.get(PAGE).content.decode()
