"""Inspections in the admin: who looked at an answer and when, not what it says."""

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Inspection
from inference.models import AIModel
from tests.conversations.builders import answered, asked

PAGE = "/admin/conversations/inspection/"


@pytest.fixture
def inspection(alice: User, model: AIModel) -> Inspection:
    answer = answered(asked(alice, model, "What is a fox?"), "An animal.")
    tokens = [[7, b"An animal.".hex(), -0.1, []]]
    return Inspection.objects.create(message=answer, user=alice, kind="score", tokens=tokens)


def test_a_row_tells_who_and_how(admin: Client, inspection: Inspection) -> None:
    listed = admin.get(PAGE).content.decode()

    assert "alice@example.org" in listed
    assert "how likely each token was" in listed


def test_no_text_is_shown(admin: Client, inspection: Inspection) -> None:
    listed = admin.get(PAGE).content.decode()

    assert "An animal." not in listed
    assert b"An animal.".hex() not in listed
    assert admin.get(f"{PAGE}{inspection.pk}/change/").status_code == 404


@pytest.mark.parametrize("lookup", ["message__content__contains", "tokens__0__1__contains"])
def test_no_filter_tells_it_either(admin: Client, inspection: Inspection, lookup: str) -> None:
    assert admin.get(PAGE, {lookup: "a"}).status_code == 400
