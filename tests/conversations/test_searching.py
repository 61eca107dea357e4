"""What a search finds, and for whom."""

import re
from itertools import chain

import pytest
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Message, Project, ProjectMember
from conversations.search.finding import find
from conversations.search.query import parse
from tests.conversations.builders import said


def held(user: User, *texts: str, title: str = "Untitled", **fields: object) -> Conversation:
    """A conversation in which this was said, in turns."""
    conversation = Conversation.objects.create(user=user, title=title, **fields)
    for number, text in enumerate(texts):
        said(conversation, ["user", "assistant"][number % 2], text)
    return conversation


def found(user: User, text: str) -> list[str]:
    """Titles, in the order in which they are shown."""
    return [hit.conversation.title for hit in find(user, parse(text)).hits]


def snippets(user: User, text: str) -> list[str]:
    return [passage.html for hit in find(user, parse(text)).hits for passage in hit.passages]


@pytest.mark.parametrize(
    "text",
    [
        "fox",
        "FOX",
        "brown fox",
        "fox brown",
        "quick bro",
        '"brown fox"',
        '"quick brown" jumps',
        "“brown fox”",
        "fox -cat",
        "fox -",
        'fox "',
        "creme brulee",
        "crème BRÛLÉE",
        "cre\u0301me",
        "don't",
        "user@example.org",
        "3.14",
        "snake_case",
    ],
)
def test_words_are_found(alice: User, text: str) -> None:
    held(
        alice,
        "The quick brown fox jumps. Crème brûlée! I don't: 3.14 of user@example.org snake_case",
    )

    assert found(alice, text) == ["Untitled"]


@pytest.mark.parametrize(
    "text",
    [
        "cat",
        "fox cat",
        "bro fox",
        "row",
        '"fox brown"',
        '"quick bro"',
        "fox -jumps",
        'fox -"quick brown"',
        "-cat",
        "f",
    ],
)
def test_what_is_not_said_is_not_found(alice: User, text: str) -> None:
    held(alice, "The quick brown fox jumps.")

    assert found(alice, text) == []


@pytest.mark.parametrize(
    "text", ["狐", "狐狸", "森林里", '"一只狐狸"', "狐狸 森林", "キツネ", "여우", "우가"]
)
def test_parts_of_chinese_japanese_and_korean_sentences_are_found(alice: User, text: str) -> None:
    held(alice, "一只狐狸在森林里。森のキツネ。여우가 있다")

    assert found(alice, text) == ["Untitled"]
    assert found(alice, "狸狐") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        '"',
        '""',
        "-",
        "*",
        "fox*",
        "fox OR cat",
        "NEAR(fox cat)",
        "words:fox",
        "^fox",
        "fox AND",
        "(fox",
        "fox)",
        "fox & | ! <-> :* cat",
        "'; DROP TABLE conversations_message; --",
        "\0",
        "fox\0cat",
        "🦊",
        "%",
        "\\",
        "x" * 10_000,
        "fox " * 1000,
        "\ud83d",
        "{fox}",
        "fox' || 'cat",
        "\u200b\u202e",
        "İ ß ﬁ ½ Ⅷ",
    ],
)
def test_any_text_may_be_looked_for(alice: User, text: str) -> None:
    held(alice, "The quick brown fox jumps. İ ß ﬁ ½ Ⅷ")

    assert found(alice, text) in ([], ["Untitled"])
    assert found(alice, "fox") == ["Untitled"]


def test_titles_are_found(alice: User) -> None:
    held(alice, "Hello", title="Foxes & hounds")
    held(alice, title="About a fox")

    assert set(found(alice, "fox")) == {"Foxes & hounds", "About a fox"}


def test_conversations_come_by_what_is_in_them_and_by_age(alice: User) -> None:
    held(alice, "A fox.", title="old and once")
    held(alice, "A fox.", "The fox.", "Any fox.", title="thrice")
    held(alice, "Nothing", title="A fox in its title")
    held(alice, "A fox.", title="new and once")

    assert found(alice, "fox")[0] == "A fox in its title"
    assert found(alice, "fox")[-1] == "old and once"


def test_others_conversations_are_not_found(alice: User, bob: User) -> None:
    held(alice, "The secret fox", title="A secret fox")

    assert found(bob, "fox") == []
    assert found(alice, "fox") == ["A secret fox"]


def test_those_of_ones_projects_are_found(alice: User, bob: User, charlie: User) -> None:
    project = Project.objects.create(user=alice, name="Foxes")
    ProjectMember.objects.create(project=project, user=bob, access="read")
    conversation = held(alice, "The shared fox", title="The fox we share")

    Conversation.objects.filter(pk=conversation.pk).update(project=project)
    assert found(bob, "fox") == ["The fox we share"]
    assert found(alice, "shared") == ["The fox we share"]
    assert found(charlie, "fox") == []

    Conversation.objects.filter(pk=conversation.pk).update(is_temporary=True)
    assert found(bob, "fox") == []

    Conversation.objects.filter(pk=conversation.pk).update(is_temporary=False, project=None)
    assert found(bob, "fox") == []
    assert found(alice, "shared") == ["The fox we share"]


def test_ones_own_are_found_in_a_project_one_has_left(alice: User, bob: User) -> None:
    project = Project.objects.create(user=alice, name="Foxes")
    held(bob, "My fox", project=project)
    held(alice, "Her fox", title="Hers", project=project)

    assert found(bob, "fox") == ["Untitled"]
    assert set(found(alice, "fox")) == {"Untitled", "Hers"}


def test_deleted_and_temporary_ones_are_not_found_and_archived_ones_are(alice: User) -> None:
    now = timezone.now()
    held(alice, "fox", title="Deleted fox", deleted_at=now)
    held(alice, "fox", title="Temporary fox", is_temporary=True)
    held(alice, "fox", title="Archived fox", archived_at=now)

    assert found(alice, "fox") == ["Archived fox"]


def test_the_index_follows_whatever_is_written(alice: User) -> None:
    conversation = held(alice, "")
    [message] = Message.objects.all()
    assert found(alice, "fox") == []

    Message.objects.filter(pk=message.pk).update(content="A fox")
    assert found(alice, "fox") == ["Untitled"]

    Message.objects.bulk_create(
        [Message(conversation=conversation, role="user", content="A hound")] * 1
    )
    assert found(alice, "hound") == ["Untitled"]

    message.content = "A cat"
    message.save()
    assert found(alice, "fox") == []
    assert found(alice, "cat") == ["Untitled"]

    Conversation.objects.filter(pk=conversation.pk).update(title="The lynx")
    assert found(alice, "lynx") == ["The lynx"]
    assert found(alice, "untitled") == []

    Message.objects.filter(pk=message.pk).delete()
    assert found(alice, "cat") == []
    conversation.delete()
    assert found(alice, "lynx") == found(alice, "hound") == []


def test_words_are_marked_in_their_surroundings(alice: User) -> None:
    held(alice, f"{'before ' * 100}The **Fóx** and the fox.{' after' * 100}")

    [html] = snippets(alice, "the fox")

    assert html.startswith("… before")
    assert "<mark>The</mark> <mark>Fóx</mark> and <mark>the</mark> <mark>fox</mark>." in html
    assert html.endswith("…")
    assert len(re.sub("<.*?>", "", html)) < 260


def test_what_was_said_stays_text(alice: User) -> None:
    held(alice, "<script>alert('fox')</script> & <b>fox</b>", title="<i>fox</i>")

    [hit] = find(alice, parse("fox")).hits

    html = hit.title + hit.passages[0].html
    assert "<mark>fox</mark>" in html
    assert set(re.findall("<(.*?)>", html)) == {"mark", "/mark"}


def test_more_come_by_cursor_and_none_twice(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.search.finding.MOST", 4)
    for number in range(11):
        held(alice, "fox", title=f"{number}")
    pages, cursor = [], None
    while True:
        page = find(alice, parse("fox"), cursor, limit=3)
        pages.append([hit.conversation.title for hit in page.hits])
        if (cursor := page.after) is None:
            break

    assert [len(titles) for titles in pages] == [3, 1, 3, 1, 3]
    assert sorted(chain(*pages), key=int) == [str(number) for number in range(11)]


def test_deleted_ones_do_not_hide_what_is_older(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.search.finding.MOST", 3)
    held(alice, "fox", title="kept")
    held(alice, *["fox"] * 7, deleted_at=timezone.now())

    assert found(alice, "fox") == ["kept"]
