"""Pinning, archiving, moving and tagging, from the list beside the page."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations import organising
from conversations.models import Conversation, Project, ProjectMember, Tag
from tests.conversations.test_sidebar import groups, titled

ON = {"on": "1"}


def listed(page: Client, query: str = "") -> list[tuple[str, list[str]]]:
    return groups(page.get(f"/conversations/{query}").content.decode())


@pytest.fixture
def fox(alice: User) -> Conversation:
    return titled(alice, "Fox")


def test_a_pinned_one_stands_above_the_others(page: Client, alice: User, fox: Conversation) -> None:
    titled(alice, "Bear")

    assert page.post(f"/c/{fox.pk}/pin/", ON).status_code == 204
    assert listed(page) == [("Pinned", ["Fox"]), ("Today", ["Bear"])]

    assert page.post(f"/c/{fox.pk}/pin/").status_code == 204
    assert listed(page) == [("Today", ["Bear", "Fox"])]


def test_an_archived_one_is_out_of_the_list_and_comes_back(
    page: Client, plain_page: Client, fox: Conversation
) -> None:
    page.post(f"/c/{fox.pk}/archive/", ON)

    assert listed(page) == [("Today", [])]
    assert "Fox" in plain_page.get("/archive/").content.decode()
    assert "This conversation is archived." in plain_page.get(f"/c/{fox.pk}/").content.decode()

    plain_page.post(f"/c/{fox.pk}/archive/")
    assert listed(page) == [("Today", ["Fox"])]


def test_all_are_archived_at_once(page: Client, alice: User, bob: User, fox: Conversation) -> None:
    titled(bob, "Bob’s")

    assert "Archive all" in page.get("/archive/all/").content.decode()
    assert page.post("/archive/all/")["HX-Redirect"] == "/archive/"

    assert listed(page) == [("Today", [])]
    assert Conversation.objects.listed().get().user == bob


def test_the_archive_shows_only_ones_own(plain_page: Client, bob: User) -> None:
    Conversation.objects.create(user=bob, title="Bob’s", archived_at=timezone.now())

    assert "Bob’s" not in plain_page.get("/archive/").content.decode()


def test_the_archive_comes_page_by_page(plain_page: Client, alice: User) -> None:
    now = timezone.now()
    for number in range(51):
        Conversation.objects.create(user=alice, title=f"n{number}", archived_at=now)

    html = plain_page.get("/archive/").content.decode()
    more = re.search(r'href="(/archive/\?before=[^"]*)"', html)

    assert more
    rest = plain_page.get(more[1]).content.decode()
    shown = re.findall(r'id="archived-link-[^>]*>(n\d+)<', html + rest)
    assert len(set(shown)) == len(shown) == 51


def test_it_is_moved_to_a_project_and_out_again(
    page: Client, alice: User, fox: Conversation
) -> None:
    project = Project.objects.create(user=alice, name="Animals")

    assert "Animals" in page.get(f"/c/{fox.pk}/move/").content.decode()
    assert page.post(f"/c/{fox.pk}/move/", {"project": str(project.pk)}).status_code == 204
    fox.refresh_from_db()
    assert fox.project == project

    page.post(f"/c/{fox.pk}/move/", {"project": ""})
    fox.refresh_from_db()
    assert fox.project is None


def test_only_where_one_may_write(page: Client, alice: User, bob: User, fox: Conversation) -> None:
    foreign, read, write = (Project.objects.create(user=bob, name=name) for name in "ABC")
    ProjectMember.objects.create(project=read, user=alice, access="read")
    ProjectMember.objects.create(project=write, user=alice, access="write")

    for project in (foreign, read):
        reply = page.post(f"/c/{fox.pk}/move/", {"project": str(project.pk)})
        assert reply.status_code == 422
        assert "isn’t there any more" in reply.content.decode()
    assert page.post(f"/c/{fox.pk}/move/", {"project": str(write.pk)}).status_code == 204


def test_another_members_conversation_is_not_ones_own_to_organise(
    page: Client, alice: User, bob: User
) -> None:
    project = Project.objects.create(user=alice, name="Ours")
    ProjectMember.objects.create(project=project, user=bob, access="write")
    bobs = Conversation.objects.create(user=bob, title="Bob’s", project=project)

    assert page.get(f"/c/{bobs.pk}/").status_code == 200
    for action in ("rename", "tags", "move", "pin", "archive", "delete", "undelete"):
        assert page.post(f"/c/{bobs.pk}/{action}/", ON).status_code == 404


def test_it_gets_tags_that_filter_the_list(page: Client, alice: User, fox: Conversation) -> None:
    titled(alice, "Bear")

    assert (
        page.post(f"/c/{fox.pk}/tags/", {"tags": " #work,Red  things, WORK,,"}).status_code == 204
    )

    assert sorted(fox.tags.values_list("name", flat=True)) == ["Red things", "work"]
    assert 'href="/conversations/?tag=Red%20things"' in page.get("/conversations/").content.decode()
    assert listed(page, "?tag=work") == [("Today", ["Fox"])]
    assert listed(page, "?tag=none") == [("Today", [])]


def test_a_tag_is_the_same_in_capitals(page: Client, alice: User, fox: Conversation) -> None:
    bear = titled(alice, "Bear")
    page.post(f"/c/{fox.pk}/tags/", {"tags": "Grün"})

    page.post(f"/c/{bear.pk}/tags/", {"tags": "GRÜN"})

    assert Tag.objects.get().conversations.count() == 2


def test_a_tag_goes_with_its_last_conversation(page: Client, fox: Conversation) -> None:
    page.post(f"/c/{fox.pk}/tags/", {"tags": "work"})
    page.post(f"/c/{fox.pk}/tags/", {"tags": ""})

    assert not Tag.objects.exists()


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ("x" * 51, "at most 50 characters"),
        (",".join(map(str, range(21))), "at most 20 tags"),
        ("a\0b", "Null characters"),
        ("x" * 3000, "at most 2000 characters"),
    ],
)
def test_tags_that_will_not_do(page: Client, fox: Conversation, tags: str, words: str) -> None:
    reply = page.post(f"/c/{fox.pk}/tags/", {"tags": tags})

    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert not fox.tags.exists()


def test_ones_tags_are_not_anothers(page: Client, bob: User, fox: Conversation) -> None:
    organising.change(titled(bob, "Bob’s"), tags=["secret"])

    assert "secret" not in page.get("/conversations/").content.decode()
    assert listed(page, "?tag=secret") == [("Today", [])]


@pytest.mark.parametrize("action", ["rename", "tags", "move", "pin", "archive", "options"])
def test_a_stranger_gets_404(
    action: str, strangers_page: Client, page: Client, fox: Conversation
) -> None:
    address = f"/c/{fox.pk}/{action}/"

    assert strangers_page.get(address).status_code in (404, 405)
    assert strangers_page.post(address, ON).status_code in (404, 405)
    assert page.get(address).status_code in (200, 405)


def test_all_of_it_works_without_scripts(plain_page: Client, fox: Conversation) -> None:
    options = plain_page.get(f"/c/{fox.pk}/options/").content.decode()

    for action in ("rename", "pin", "tags", "move", "archive", "delete"):
        assert f"/c/{fox.pk}/{action}/" in options
    for action in ("tags", "move"):
        assert "<html" in plain_page.get(f"/c/{fox.pk}/{action}/").content.decode()
    assert plain_page.post(f"/c/{fox.pk}/pin/", ON)["Location"] == f"/c/{fox.pk}/"


def test_a_temporary_chat_is_not_listed_and_not_named(
    plain_page: Client, page: Client, alice: User, model: object
) -> None:
    html = plain_page.get("/?temporary=1").content.decode()
    assert "Temporary chat: not in your list" in html
    assert '<input type="hidden" name="temporary" value="1">' in html

    sent = {"text": "My secret", "model": "demo", "temporary": "1"}
    reply = plain_page.post("/", sent, follow=True).content.decode()

    conversation = Conversation.objects.get()
    assert conversation.is_temporary
    assert conversation.title == "Temporary chat"
    assert "Temporary chat: not in your list" in reply
    assert listed(page) == [("Today", [])]
    assert "Temporary chat: not in your list" not in plain_page.get("/").content.decode()


def test_a_refused_message_stays_temporary(plain_page: Client, model: object) -> None:
    html = plain_page.post("/", {"text": "", "model": "demo", "temporary": "1"}).content.decode()

    assert '<input type="hidden" name="temporary" value="1">' in html
