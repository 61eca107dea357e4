"""The index in SQLite: FTS5, kept in step by triggers.

It has no copy of the texts, so to forget one it has to be told its words again. The triggers name
tables beside their own; while one is there, SQLite can't remake such a table, which is how
Django's migrations change them. So `remove` comes before migrations, and `install` after them.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from conversations.search.query import Query, Term
from conversations.search.words import space_of_project, space_of_user, spaced

TABLES = """
CREATE TABLE IF NOT EXISTS search_title (
    id INTEGER PRIMARY KEY, conversation_id char(32) NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE IF NOT EXISTS search_title_words USING fts5 (
    words, content='', tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
CREATE VIRTUAL TABLE IF NOT EXISTS search_words USING fts5 (
    words, content='', tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
"""
_ADD_MESSAGE = """
INSERT INTO search_words (rowid, words)
SELECT new.id, search_words(search_space(user_id, project_id), new.content)
FROM conversations_conversation WHERE id = new.conversation_id;
"""
_DROP_MESSAGE = """
INSERT INTO search_words (search_words, rowid, words)
SELECT 'delete', old.id, search_words(search_space(user_id, project_id), old.content)
FROM conversations_conversation WHERE id = old.conversation_id;
"""
_ADD_TITLE = """
INSERT INTO search_title_words (rowid, words)
SELECT id, search_words(search_space(new.user_id, new.project_id), new.title)
FROM search_title WHERE conversation_id = new.id;
"""
_DROP_TITLE = """
INSERT INTO search_title_words (search_title_words, rowid, words)
SELECT 'delete', id, search_words(search_space(old.user_id, old.project_id), old.title)
FROM search_title WHERE conversation_id = old.id;
"""
_ADD_MESSAGES = """
INSERT INTO search_words (rowid, words)
SELECT id, search_words(search_space(new.user_id, new.project_id), content)
FROM conversations_message WHERE conversation_id = new.id;
"""
_DROP_MESSAGES = """
INSERT INTO search_words (search_words, rowid, words)
SELECT 'delete', id, search_words(search_space(old.user_id, old.project_id), content)
FROM conversations_message WHERE conversation_id = old.id;
"""
_NUMBER = "INSERT INTO search_title (conversation_id) VALUES (new.id);"
_FORGET = "DELETE FROM search_title WHERE conversation_id = old.id;"
_MOVED = "(old.user_id IS NOT new.user_id OR old.project_id IS NOT new.project_id)"
TRIGGERS = {
    "search_message_added": ("AFTER INSERT ON conversations_message", _ADD_MESSAGE),
    "search_message_changed": (
        "AFTER UPDATE OF content ON conversations_message WHEN old.content IS NOT new.content",
        _DROP_MESSAGE + _ADD_MESSAGE,
    ),
    "search_message_deleted": ("AFTER DELETE ON conversations_message", _DROP_MESSAGE),
    "search_conversation_added": (
        "AFTER INSERT ON conversations_conversation",
        _NUMBER + _ADD_TITLE,
    ),
    "search_conversation_changed": (
        "AFTER UPDATE OF title, user_id, project_id ON conversations_conversation"
        f" WHEN old.title IS NOT new.title OR {_MOVED}",
        _DROP_TITLE + _ADD_TITLE,
    ),
    "search_conversation_moved": (
        f"AFTER UPDATE OF user_id, project_id ON conversations_conversation WHEN {_MOVED}",
        _DROP_MESSAGES + _ADD_MESSAGES,
    ),
    "search_conversation_deleted": (
        "BEFORE DELETE ON conversations_conversation",
        _DROP_MESSAGES + _DROP_TITLE + _FORGET,
    ),
}
_FILL = """
INSERT INTO search_words (rowid, words)
SELECT message.id, search_words(search_space(user_id, project_id), content)
FROM conversations_message AS message
JOIN conversations_conversation AS conversation ON conversation.id = message.conversation_id
WHERE message.id NOT IN (SELECT id FROM search_words_docsize);
INSERT OR IGNORE INTO search_title (conversation_id) SELECT id FROM conversations_conversation;
INSERT INTO search_title_words (rowid, words)
SELECT search_title.id, search_words(search_space(user_id, project_id), title)
FROM search_title
JOIN conversations_conversation AS conversation ON conversation.id = conversation_id
WHERE search_title.id NOT IN (SELECT id FROM search_title_words_docsize);
"""


def prepare(connection: BaseDatabaseWrapper) -> None:
    """Each connection needs the functions that the triggers call."""
    for name, function in (("search_space", _space), ("search_words", spaced)):
        connection.connection.create_function(name, 2, function, deterministic=True)


def install(connection: BaseDatabaseWrapper) -> None:
    """With all that was said while there were no triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        if set(TRIGGERS) <= {name for (name,) in cursor.fetchall()}:
            return
        for statement in _statements(TABLES):
            cursor.execute(statement)
        for name, (moment, steps) in TRIGGERS.items():
            cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {moment} BEGIN {steps} END")
        for statement in _statements(_FILL):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """What stands in the way of migrations; the index stays."""
    with connection.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def messages(spaces: Iterable[str], query: Query, below: int, most: int) -> list[int]:
    """Ids, the latest first."""
    sql = """
    SELECT rowid FROM search_words WHERE search_words MATCH %s AND rowid < %s
    ORDER BY rowid DESC LIMIT %s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [_match(spaces, query), below, most])
        return [id for (id,) in cursor.fetchall()]


def titles(spaces: Iterable[str], query: Query, most: int) -> list[UUID]:
    """Ids of conversations."""
    sql = """
    SELECT search_title.conversation_id
    FROM search_title_words JOIN search_title ON search_title.id = search_title_words.rowid
    WHERE search_title_words MATCH %s ORDER BY search_title_words.rowid DESC LIMIT %s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [_match(spaces, query), most])
        return [UUID(id) for (id,) in cursor.fetchall()]


def _match(spaces: Iterable[str], query: Query) -> str:
    return " OR ".join(f"({_in_space(space, query)})" for space in spaces)


def _in_space(space: str, query: Query) -> str:
    wanted = " AND ".join(_term(space, term) for term in query.terms)
    unwanted = "".join(f" NOT {_term(space, term)}" for term in query.excluded)
    return f"({wanted}){unwanted}"


def _term(space: str, term: Term) -> str:
    """A word has no quotes in it, see words."""
    phrase = " ".join(f"{space}{word}" for word in term.words)
    return f'"{phrase}" *' if term.is_open else f'"{phrase}"'


def _space(user_id: int, project_id: str | None) -> str:
    return space_of_project(UUID(project_id)) if project_id else space_of_user(user_id)


def _statements(script: str) -> list[str]:
    return [statement for statement in script.split(";") if statement.strip()]
