"""/account/usage/: one's own tokens, by day and model, and what is left of limits."""

import csv
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import APIKey, User
from inference.models import UsageLog

PAGE = "/account/usage/"


def used(user: User, tokens: int, days_ago: int = 0, model: str = "demo", **fields: object) -> None:
    UsageLog.objects.create(
        user=user,
        model_name=model,
        source="chat",
        status="done",
        input_tokens=tokens - 1,
        cached_tokens=0,
        output_tokens=1,
        total_tokens=tokens,
        cost=0,
        duration=1,
        queue_wait=0,
        created_at=timezone.now() - timedelta(days=days_ago),
        **fields,
    )


def test_it_shows_the_days_and_models(plain_page: Client, alice: User, bob: User) -> None:
    used(alice, 1234)
    used(alice, 100, days_ago=3, model="other")
    used(alice, 555, days_ago=40)
    used(bob, 7777)

    context = plain_page.get(PAGE).context

    assert len(context["plot"].bars) == 30
    assert context["plot"].bars[-1].tokens == "1,234"
    assert [(row["model_name"], row["tokens"]) for row in context["by_model"]] == [
        ("demo", 1234),
        ("other", 100),
    ]
    assert "7,777" not in plain_page.get(PAGE).content.decode()


def test_a_longer_span_and_one_model(plain_page: Client, alice: User) -> None:
    used(alice, 555, days_ago=40)
    used(alice, 100, days_ago=40, model="other")

    context = plain_page.get(f"{PAGE}?days=90&model=demo").context

    assert len(context["plot"].bars) == 90
    assert [day.tokens for day in context["by_day"]] == [555]
    assert len(context["by_model"]) == 2


@pytest.mark.parametrize("query", ["days=x", "days=-1", "days=99999999999", "model=%00", "model=é"])
def test_other_spans_and_models_do_no_harm(plain_page: Client, query: str) -> None:
    assert plain_page.get(f"{PAGE}?{query}").status_code == 200
    assert plain_page.get(f"/account/usage.csv?{query}").status_code == 200


def test_bars_are_drawn_in_every_language(plain_page: Client, alice: User) -> None:
    alice.language = "de"
    alice.save()
    used(alice, 1234)
    used(alice, 77, days_ago=1)
    page = plain_page.get(PAGE).content.decode()
    assert 'height="3.8"' in page


def test_the_file_has_days_and_models_apart(plain_page: Client, alice: User, bob: User) -> None:
    used(alice, 10)
    used(alice, 20)
    used(alice, 30, model="=other")
    used(bob, 40)

    answer = plain_page.get("/account/usage.csv")

    today = timezone.localdate().isoformat()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = csv.reader(answer.content.decode().splitlines())
    assert [row[:6] for row in rows][1:] == [
        [today, "'=other", "1", "29", "0", "1"],
        [today, "demo", "2", "28", "0", "2"],
    ]


def test_what_is_left_of_a_keys_day(plain_page: Client, alice: User) -> None:
    key, _ = APIKey.objects.issue(alice, "laptop", tokens_per_day=5000)
    APIKey.objects.issue(alice, "free")
    used(alice, 1000, api_key=key)

    page = plain_page.get(PAGE).content.decode()

    assert "Key “laptop”" in page
    assert "4,000 of 5,000 tokens left today" in page
    assert "Key “free”" not in page
