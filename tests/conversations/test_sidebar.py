"""The list of conversations beside the page."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations import sidebar
from conversations.models import Conversation


def titled(user: User, title: str, age: timedelta = timedelta(0)) -> Conversation:
    return Conversation.objects.create(user=user, title=title, updated_at=timezone.now() - age)


def groups(html: str) -> list[tuple[str, list[str]]]:
    """The headings, and the titles below each."""
    sections = re.findall(r'<section class="period">(.*?)</section>', html, re.DOTALL)
    return [
        (
            "".join(re.findall(r"<h2>(.*?)</h2>", section)),
            re.findall(r'class="entry-link"[^>]*>(.*?)</a>', section),
        )
        for section in sections
    ]


def test_it_is_grouped_by_time(plain_page: Client, alice: User) -> None:
    now = timezone.now()
    titled(alice, "Now")
    titled(alice, "A day ago", timedelta(days=1))
    titled(alice, "Five days ago", timedelta(days=5))
    titled(alice, "Long ago", now - datetime(2024, 3, 9, tzinfo=UTC))

    shown = groups(plain_page.get("/").content.decode())

    assert shown == [
        ("Today", ["Now"]),
        ("Yesterday", ["A day ago"]),
        ("Previous 7 days", ["Five days ago"]),
        ("March 2024", ["Long ago"]),
    ]


def test_days_are_those_of_the_browser(alice: User) -> None:
    honolulu = sidebar.zone_of({"timezone": "Pacific%2FHonolulu"})
    assert honolulu == ZoneInfo("Pacific/Honolulu")
    midnight = timezone.localtime(timezone=honolulu).replace(hour=0, minute=0, second=0)
    titled(alice, "Late", timezone.now() - midnight + timedelta(minutes=1))

    [today, yesterday] = sidebar.listing(alice, honolulu).groups

    assert (today.conversations, yesterday.title) == ([], "Yesterday")


@pytest.mark.parametrize("name", ["", "Nowhere/Else", "../../etc/passwd", "\0", "x" * 5000])
def test_nonsense_for_a_time_zone_does_no_harm(name: str) -> None:
    assert sidebar.zone_of({"timezone": name}) == UTC


def test_the_current_conversation_is_marked(plain_page: Client, alice: User) -> None:
    titled(alice, "Other")
    current = titled(alice, "Current")

    html = plain_page.get(f"/c/{current.pk}/").content.decode()

    marked = re.findall(r'<a [^>]*aria-current="page"[^>]*>(.*?)</a>', html)
    assert marked == ["Current"]


def test_only_ones_own_are_listed(plain_page: Client, alice: User, bob: User) -> None:
    titled(bob, "Bob’s")
    titled(alice, "Alice’s")

    assert groups(plain_page.get("/").content.decode()) == [("Today", ["Alice’s"])]


def test_titles_are_text(plain_page: Client, alice: User) -> None:
    titled(alice, "<script>alert(1)</script>")

    assert "<script>alert" not in plain_page.get("/").content.decode()


def test_the_rest_comes_page_by_page(plain_page: Client, page: Client, alice: User) -> None:
    for n in range(2 * sidebar.PAGE + 10):
        titled(alice, f"n{n}", timedelta(days=2, minutes=n))

    html = plain_page.get("/").content.decode()
    seen = [title for _, titles in groups(html) for title in titles]
    while more := re.search(r'hx-get="(/conversations/[^"]*)"', html):
        html = page.get(more[1].replace("&amp;", "&")).content.decode()
        [(heading, titles)] = groups(html)
        assert heading == ""  # the group goes on
        seen += titles

    assert seen == [f"n{n}" for n in range(2 * sidebar.PAGE + 10)]


def test_the_rest_comes_without_scripts_too(plain_page: Client, alice: User) -> None:
    for n in range(sidebar.PAGE + 1):
        titled(alice, f"n{n}", timedelta(minutes=n))

    more = re.search(r'href="(/conversations/[^"]*)"', plain_page.get("/").content.decode())

    assert more
    assert f">n{sidebar.PAGE}</a>" in plain_page.get(more[1]).content.decode()


@pytest.mark.parametrize(
    "before", ["", "x", "~", "2024-01-01~x", "2024-01-01T00:00:00~" + "0" * 32]
)
def test_nonsense_for_a_cursor_is_the_first_page(page: Client, alice: User, before: str) -> None:
    titled(alice, "First")

    html = page.get("/conversations/", {"before": before}).content.decode()

    assert groups(html) == [("Today", ["First"])]


def test_staff_find_the_administration(plain_page: Client, charlie: User) -> None:
    assert "Administration" not in plain_page.get("/").content.decode()

    plain_page.force_login(charlie)

    assert "Administration" in plain_page.get("/").content.decode()
