import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.plot import plot
from inference import presence
from inference.models import AIModel, Generation
from inference.usage_days import Day

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@pytest.fixture
def seeded(alice: User, bob: User, run: Callable[..., Generation]) -> None:
    """Three answers and a failure today; a week ago one answer by noon and one in the evening."""
    run(HOUR)
    run(2 * HOUR, first_token_at=timezone.now() - 2 * HOUR + timedelta(seconds=3))
    run(3 * HOUR, user=bob, first_token_at=timezone.now() - 3 * HOUR + timedelta(seconds=9))
    run(
        4 * HOUR, status="failed", reason="error", error="Out of memory.", first_token_at=None,
        prompt_tokens=0, completion_tokens=0,
    )  # fmt: skip
    run(WEEK + HOUR)
    run(WEEK - 6 * HOUR, user=bob)
    run(2 * DAY, prompt_tokens=1000, completion_tokens=0)
    run(40 * DAY)


def card(admin: Client, title: str) -> Any:
    return next(c for c in admin.get("/admin/").context_data["cards"] if c.title == title)


@pytest.mark.parametrize(
    ("title", "today", "then", "week", "before"),
    [
        ("Active users", "2", "1", "2", "1"),
        ("Answers", "3", "1", "5", "1"),
        ("Tokens", "333", "111", "1,444", "111"),
        ("Time to first token", "3.00\xa0s", "0.70\xa0s", "0.70\xa0s", "0.70\xa0s"),
        ("Failed", "1", "0", "1", "0"),
    ],
)
def test_today_is_held_against_the_same_hours_a_week_ago(
    admin: Client, seeded: None, title: str, today: str, then: str, week: str, before: str
) -> None:
    found = card(admin, title)

    assert [found.today.text, found.then.text] == [today, then]
    assert [found.week.text, found.week_before.text] == [week, before]


def test_the_change_is_in_percent_of_what_was(admin: Client, seeded: None) -> None:
    assert card(admin, "Answers").today.change.text == "+200 %"
    assert card(admin, "Failed").today.change is None  # there is no percentage of nothing


def test_an_even_number_of_times_has_its_median_in_the_middle(
    admin: Client, run: Callable[..., Generation]
) -> None:
    for seconds in (1, 2, 4, 9):
        created = timezone.now() - HOUR
        run(HOUR, first_token_at=created + timedelta(seconds=seconds))

    assert card(admin, "Time to first token").today.text == "3.00\xa0s"


def test_every_number_leads_to_its_rows(admin: Client, seeded: None) -> None:
    for title, figure in (("Answers", "runs"), ("Failed", "runs"), ("Active users", None)):
        found = card(admin, title)
        for amount in (found.today, found.then, found.week, found.week_before):
            page = admin.get(amount.url)
            assert page.status_code == 200
            count = page.context_data["sums"][figure] if figure else page.context["cl"].result_count
            assert str(count) == amount.text, (title, amount.url)


def test_every_link_works(admin: Client, seeded: None, model: AIModel) -> None:
    html = admin.get("/admin/").content.decode()
    links = {unescape(link) for link in re.findall(r'href="(/admin/[^"]*)"', html)}

    assert len(links) > 40
    for link in links:
        assert admin.get(link).status_code == 200, link


def test_tokens_by_day_have_the_quiet_days_too(admin: Client, seeded: None) -> None:
    bars = admin.get("/admin/").context_data["plot"].bars

    assert [bar.day for bar in bars][:: len(bars) - 1] == [date(2026, 2, 26), date(2026, 3, 11)]
    assert [bar.tokens for bar in bars[-3:]] == ["1,000", "0", "333"]
    on = admin.get(bars[-3].url).context_data["sums"]
    assert on["prompt"] + on["generated"] == 1000


def test_bars_stand_on_each_other_and_fit() -> None:
    days = [Day(date(2026, 3, 10), 300, 100), Day(date(2026, 3, 11), 0, 0)]

    drawn = plot(days, ["/a", "/b"])

    assert drawn.lines == ["500", "250", "0"]
    assert (drawn.bars[0].prompt, drawn.bars[0].generated) == (60, 20)
    assert (drawn.bars[0].top, drawn.bars[0].prompt_top) == (20, 40)
    assert drawn.bars[1].top == 100


def test_who_is_working_now(admin: Client, model: AIModel, run: Callable[..., Generation]) -> None:
    run(status="running", reason="", attempt=1)
    run(status="queued", reason="")
    run(status="queued", reason="")
    ready = {model.pk: presence.ModelState("ready", 1.0)}
    seen = timezone.now().timestamp()
    presence.report(presence.WorkerState("worker@host", ready, 1, seen))

    response = admin.get("/admin/")

    now = response.context_data["now"]
    assert [(amount["title"], amount["count"]) for amount in now["runs"]] == [
        ("running", "1"),
        ("waiting", "2"),
    ]
    [row] = now["models"]
    assert (row["text"], row["running"], row["queued"]) == ("ready", 1, 2)
    assert "worker@host" in response.content.decode()
    assert "No worker is running" not in response.content.decode()


def test_without_a_worker_it_says_so(admin: Client, model: AIModel) -> None:
    assert "No worker is running" in admin.get("/admin/").content.decode()


def test_it_opens_on_an_empty_installation(admin: Client) -> None:
    response = admin.get("/admin/")

    assert card(admin, "Time to first token").today.text == "–"
    assert "Nobody has asked anything" in response.content.decode()


def test_failures_say_what_happened(admin: Client, seeded: None) -> None:
    html = admin.get("/admin/").content.decode()

    assert "Latest failures" in html
    assert "Out of memory." in html


def test_each_part_takes_its_permission(staff: Callable[..., Client], seeded: None) -> None:
    shown = staff("inference.view_generation").get("/admin/").context_data

    assert "failures" in shown
    assert "runs" in shown["now"]
    assert "models" not in shown["now"]
    for part in ("cards", "plot", "top_users", "top_models"):
        assert part not in shown


def test_it_takes_few_queries_however_much_there_is(
    admin: Client, seeded: None, model: AIModel, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        AIModel.objects.create(name=f"model-{number}", provider=model.provider, path="m.gguf")

    admin.get("/admin/")  # notes where the admin is signed in

    with django_assert_max_num_queries(12):
        admin.get("/admin/")
