"""Whose run is next."""

import pytest
from django.db import connection

from accounts.models import User
from inference import queue
from inference.models import AIModel, Generation
from tests.inference.queued import run, serve, wait


def order(model: AIModel) -> list[Generation]:
    return list(queue.fair_order(model.pk))


def test_one_users_runs_are_served_by_age(alice: User, model: AIModel) -> None:
    younger, older = wait(alice, model, 1), wait(alice, model, 2)

    assert order(model) == [older, younger]


def test_everybodys_first_comes_before_anybodys_second(
    alice: User, bob: User, model: AIModel
) -> None:
    first, second, third = wait(alice, model, 30), wait(alice, model, 20), wait(alice, model, 10)
    late = wait(bob, model, 1)

    assert order(model) == [first, late, second, third]


def test_what_a_user_has_running_counts_as_served(alice: User, bob: User, model: AIModel) -> None:
    run(alice, model)
    old, new = wait(alice, model, 60), wait(bob, model, 1)

    assert order(model) == [new, old]


def test_who_was_served_more_lately_comes_later(alice: User, bob: User, model: AIModel) -> None:
    serve(alice, model, prompt=200, generated=100)
    serve(bob, model, prompt=200, generated=99)
    old, new = wait(alice, model, 60), wait(bob, model, 1)

    assert order(model) == [new, old]


def test_a_newcomers_only_run_is_before_all_of_a_heavy_users(
    alice: User, bob: User, model: AIModel
) -> None:
    for _number in range(12):
        serve(alice, model, prompt=50, generated=400)
    heavy = [wait(alice, model, 600 - number) for number in range(12)]
    newcomers = wait(bob, model, 1)

    assert order(model) == [newcomers, *heavy]


def test_what_was_in_the_cache_already_is_not_counted(
    alice: User, bob: User, model: AIModel
) -> None:
    serve(alice, model, prompt=5000, cached=4990, generated=10)
    serve(bob, model, prompt=100, generated=10)
    hers, his = wait(alice, model, 1), wait(bob, model, 60)

    assert order(model) == [hers, his]


def test_a_generated_token_counts_more_than_one_of_a_prompt(
    alice: User, bob: User, model: AIModel
) -> None:
    serve(alice, model, generated=100)
    serve(bob, model, prompt=150)
    hers, his = wait(alice, model, 60), wait(bob, model, 1)

    assert order(model) == [his, hers]


def test_nobody_starves_behind_newcomers(alice: User, bob: User, model: AIModel) -> None:
    """Who was served nothing within the window is before everybody who comes later."""
    serve(alice, model, prompt=90_000, generated=90_000, age=601)
    hers = wait(alice, model, 600)
    newcomers = wait(bob, model, 1)

    assert order(model) == [hers, newcomers]


def test_what_other_models_did_for_a_user_counts_as_well(
    alice: User, bob: User, model: AIModel
) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="x.gguf")
    serve(alice, other, generated=100)
    old, new = wait(alice, model, 60), wait(bob, model, 1)

    assert order(model) == [new, old]


@pytest.mark.parametrize("served", [0, 100_000])
def test_one_users_order_does_not_depend_on_what_they_were_served(
    served: int, alice: User, model: AIModel
) -> None:
    serve(alice, model, prompt=served)
    mine = [wait(alice, model, age) for age in (30, 20, 10)]

    assert order(model) == mine


def test_the_order_is_read_from_indexes(alice: User, model: AIModel) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a planner with statistics reads small tables as a whole")
    wait(alice, model, 1)

    plan = queue.fair_order(model.pk).values_list("pk").explain()

    assert "INDEX generation_waiting" in plan
    assert "INDEX generation_running" in plan
    assert "COVERING INDEX usage_of_user" in plan
