"""The index in PostgreSQL: a tsvector beside each text, filled by triggers, under a GIN index.

A tsvector tells the places of 16,383 words at most, so what comes after 16,000 words of a message
isn't found. Case is that of the database's locale, diacritics go with all combining marks.

PostgreSQL lets no column be changed that a trigger names, so `remove` comes before migrations, and
`install` after them.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from conversations.search.query import Query, Term
from conversations.search.words import LONGEST_WORD, PARTING, SIGNS

MOST_WORDS = 16_000

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION search_folded(said text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT normalize(regexp_replace(
        normalize(lower(normalize(said, NFKC)), NFD), '[\u0300-\u036f]', '', 'g'), NFC)
$$;
CREATE OR REPLACE FUNCTION search_words(space text, said text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(space || left(word[1], LONGEST_WORD) || ':' || number, ' '), '')
        ::tsvector
    FROM regexp_matches(search_folded(said), '[SIGNS]|[^PARTINGSIGNS]+', 'g')
        WITH ORDINALITY AS found (word, number)
    WHERE number <= MOST_WORDS
$$;
CREATE OR REPLACE FUNCTION search_term(space text, words text[], is_open boolean) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (string_agg(quote_literal(space || search_folded(word)), ' <-> ' ORDER BY number)
        || CASE WHEN is_open THEN ':*' ELSE '' END)::tsquery
    FROM unnest(words) WITH ORDINALITY AS found (word, number)
$$;
CREATE OR REPLACE FUNCTION search_space(user_id bigint, project_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce('p' || left(replace(project_id::text, '-', ''), 12), 'u' || user_id) || 'x'
$$;
CREATE OR REPLACE FUNCTION search_index_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.words := (SELECT search_words(search_space(user_id, project_id), NEW.content)
        FROM conversations_conversation WHERE id = NEW.conversation_id);
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION search_index_title() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.words := search_words(search_space(NEW.user_id, NEW.project_id), NEW.title);
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION search_move_messages() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE conversations_message
    SET words = search_words(search_space(NEW.user_id, NEW.project_id), content)
    WHERE conversation_id = NEW.id;
    RETURN NULL;
END $$;
"""
for _name, _value in {
    "LONGEST_WORD": str(LONGEST_WORD),
    "MOST_WORDS": str(MOST_WORDS),
    "PARTING": PARTING,
    "SIGNS": SIGNS,
}.items():
    FUNCTIONS = FUNCTIONS.replace(_name, _value)
_MOVED = "(OLD.user_id, OLD.project_id) IS DISTINCT FROM (NEW.user_id, NEW.project_id)"
COLUMNS = """
ALTER TABLE conversations_message ADD COLUMN IF NOT EXISTS words tsvector;
ALTER TABLE conversations_conversation ADD COLUMN IF NOT EXISTS words tsvector;
CREATE INDEX IF NOT EXISTS search_message_words ON conversations_message USING gin (words);
CREATE INDEX IF NOT EXISTS search_title_words ON conversations_conversation USING gin (words);
"""
TRIGGERS = {
    "search_message_added": """
        BEFORE INSERT ON conversations_message
        FOR EACH ROW EXECUTE FUNCTION search_index_message()""",
    "search_message_changed": """
        BEFORE UPDATE OF content ON conversations_message
        FOR EACH ROW WHEN (OLD.content IS DISTINCT FROM NEW.content)
        EXECUTE FUNCTION search_index_message()""",
    "search_conversation_added": """
        BEFORE INSERT ON conversations_conversation
        FOR EACH ROW EXECUTE FUNCTION search_index_title()""",
    "search_conversation_changed": f"""
        BEFORE UPDATE OF title, user_id, project_id ON conversations_conversation
        FOR EACH ROW WHEN (OLD.title IS DISTINCT FROM NEW.title OR {_MOVED})
        EXECUTE FUNCTION search_index_title()""",
    "search_conversation_moved": f"""
        AFTER UPDATE OF user_id, project_id ON conversations_conversation
        FOR EACH ROW WHEN ({_MOVED}) EXECUTE FUNCTION search_move_messages()""",
}
_FILL = """
UPDATE conversations_conversation
SET words = search_words(search_space(user_id, project_id), title) WHERE words IS NULL;
UPDATE conversations_message AS message
SET words = search_words(search_space(conversation.user_id, conversation.project_id), content)
FROM conversations_conversation AS conversation
WHERE conversation.id = message.conversation_id AND message.words IS NULL;
"""


def prepare(connection: BaseDatabaseWrapper) -> None:
    """Nothing: the server has the functions."""


def install(connection: BaseDatabaseWrapper) -> None:
    """With all that was said while there were no triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_trigger WHERE tgname = ANY(%s)", [list(TRIGGERS)])
        if cursor.fetchall() == [(len(TRIGGERS),)]:
            return
        cursor.execute(FUNCTIONS + COLUMNS)
        for name, body in TRIGGERS.items():
            cursor.execute(f"CREATE TRIGGER {name} {body}")
        cursor.execute(_FILL)


def remove(connection: BaseDatabaseWrapper) -> None:
    """What stands in the way of migrations; the index stays."""
    with connection.cursor() as cursor:
        for name, body in TRIGGERS.items():
            table = body.split(" ON ")[1].split()[0]
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")


def messages(spaces: Iterable[str], query: Query, below: int, most: int) -> list[int]:
    """Ids, the latest first. Materialized, or it may be tried by walking all ids from the last."""
    condition, values = _condition(spaces, query)
    sql = f"""
    WITH found AS MATERIALIZED (SELECT id FROM conversations_message WHERE words @@ ({condition}))
    SELECT id FROM found WHERE id < %s ORDER BY id DESC LIMIT %s
    """  # noqa: S608 (made of our own texts; what is looked for is in the values)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, below, most])
        return [id for (id,) in cursor.fetchall()]


def titles(spaces: Iterable[str], query: Query, most: int) -> list[UUID]:
    """Ids of conversations."""
    condition, values = _condition(spaces, query)
    sql = f"""
    WITH found AS MATERIALIZED (
        SELECT id, updated_at FROM conversations_conversation WHERE words @@ ({condition})
    )
    SELECT id FROM found ORDER BY updated_at DESC LIMIT %s
    """  # noqa: S608 (made of our own texts; what is looked for is in the values)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, most])
        return [id for (id,) in cursor.fetchall()]


def _condition(spaces: Iterable[str], query: Query) -> tuple[str, list[Any]]:
    """An expression, and the values of its parameters."""
    terms = [*query.terms, *query.excluded]
    signs = ["search_term(%s, %s, %s)"] * len(query.terms)
    signs += ["!!search_term(%s, %s, %s)"] * len(query.excluded)
    spaces = list(spaces)
    values = [value for space in spaces for term in terms for value in _values(space, term)]
    return " || ".join(["(" + " && ".join(signs) + ")"] * len(spaces)), values


def _values(space: str, term: Term) -> tuple[str, list[str], bool]:
    return space, list(term.words), term.is_open
