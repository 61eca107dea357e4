"""The index is set up with the tables, and catches up with what was written without it."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.signals import post_migrate, pre_migrate

from accounts.models import User
from conversations.models import Conversation
from tests.conversations.builders import said
from tests.conversations.test_searching import found, held


def migrate(signal: object, *apps_changed: str) -> None:
    config = apps.get_app_config("conversations")
    signal.send(  # type: ignore[attr-defined]
        sender=config,
        app_config=config,
        using=DEFAULT_DB_ALIAS,
        plan=[(SimpleNamespace(app_label=name), False) for name in apps_changed],
        verbosity=0,
        interactive=False,
        apps=apps,
    )


def triggers() -> int:
    tables = {"sqlite": "sqlite_master", "postgresql": "pg_trigger"}
    columns = {"sqlite": "type = 'trigger' AND name", "postgresql": "NOT tgisinternal AND tgname"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM {tables[connection.vendor]}"
            f" WHERE {columns[connection.vendor]} LIKE 'search_%'"
        )
        [(count,)] = cursor.fetchall()
    return int(count)


def test_migrations_of_conversations_find_no_triggers(db: None) -> None:
    there = triggers()
    assert there > 0

    migrate(pre_migrate, "conversations")
    assert triggers() == 0

    migrate(post_migrate, "conversations")
    assert triggers() == there


def test_other_migrations_leave_them(db: None) -> None:
    there = triggers()

    migrate(pre_migrate, "accounts")

    assert triggers() == there


@pytest.mark.django_db(transaction=True)
def test_what_was_said_meanwhile_is_found(alice: User) -> None:
    earlier = held(alice, "A fox", title="Earlier")
    migrate(pre_migrate, "conversations")
    said(earlier, "user", "A lynx")
    held(alice, "A badger", title="Meanwhile")
    assert found(alice, "badger") == []

    migrate(post_migrate, "conversations")

    assert found(alice, "fox") == found(alice, "lynx") == ["Earlier"]
    assert found(alice, "badger") == found(alice, "meanwhile") == ["Meanwhile"]
    Conversation.objects.all().delete()
    assert found(alice, "fox") == found(alice, "meanwhile") == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite is told what to forget")
def test_the_index_is_sound_after_many_changes(alice: User) -> None:
    for number in range(5):
        conversation = held(alice, "Crème 狐狸 नमस्ते 🦊 don’t", "é" * 100, title=f"Title {number}")
        conversation.messages.filter(role="user").update(content="A badger")
    Conversation.objects.filter(title="Title 1").delete()

    with connection.cursor() as cursor:
        for table in ("search_words", "search_title_words"):
            cursor.execute(f"SELECT COUNT(*) FROM {table}_docsize")
            [(count,)] = cursor.fetchall()
            assert count == {"search_words": 8, "search_title_words": 4}[table]
    assert found(alice, "狐") == found(alice, "creme") == []
    assert len(found(alice, "badger")) == 4
