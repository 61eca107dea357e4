"""Which messages of a conversation a page shows, and which a model is told.

The messages form a tree; a branch is the way from one of them back to the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from conversations.models import Conversation, Message
from inference.models import Generation

SHOWN = 50
"""Messages on a page before "Show earlier messages": long conversations must not freeze it."""

_BRANCH = """
WITH RECURSIVE branch (id, parent_id) AS (
    SELECT id, parent_id FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT message.id, message.parent_id
    FROM conversations_message AS message JOIN branch ON message.id = branch.parent_id
)
SELECT id FROM branch
"""
_LATEST_BELOW = """
WITH RECURSIVE below (id) AS (
    SELECT id FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT message.id
    FROM conversations_message AS message JOIN below ON message.parent_id = below.id
)
SELECT MAX(id) FROM below
"""


@dataclass(frozen=True)
class Place:
    """Where a message stands among its alternatives, in the order they were made."""

    position: int
    """From 1."""
    count: int
    before: int | None
    """Ids of the messages beside it."""
    after: int | None


@dataclass(frozen=True)
class Missing:
    """What a page lacks."""

    messages: list[Message]
    is_other_branch: bool
    """The page shows another branch: these are the last messages of the one to show."""
    has_more: bool = False
    """Of that one, there are earlier ones."""


def branch(leaf_id: int | None) -> list[int]:
    """The ids of the messages up to this one, oldest first: a message's is above its parent's."""
    if leaf_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BRANCH, [leaf_id])
        return sorted(id for (id,) in cursor.fetchall())


def latest_below(message: Message) -> int:
    """The message that was written last of those that go on from this one, or itself."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST_BELOW, [message.pk])
        [(latest,)] = cursor.fetchall()
    return int(latest)


def shown(conversation: Conversation, before: int | None = None) -> tuple[list[Message], bool]:
    """The last messages (before one of them), oldest first, and whether there are earlier ones."""
    ids = branch(conversation.leaf_id)
    if before is not None:
        ids = [id for id in ids if id < before]
    return _read(ids[-SHOWN:]), len(ids) > SHOWN


def missing(conversation: Conversation, last: int, also: Iterable[int]) -> Missing:
    """What a page lacks that shows a branch up to `last`: what came later, every live answer, and
    those of `also`, which may have changed since it drew them."""
    ids = branch(conversation.leaf_id)
    if last and last not in ids:
        return Missing(_read(ids[-SHOWN:]), True, has_more=len(ids) > SHOWN)
    later = [id for id in ids if id > last]
    live = Q(generation__status__in=Generation.LIVE) | Q(pk__in=set(also))
    changed = conversation.messages.filter(live).values_list("pk", flat=True)
    return Missing(_read(set(later) | (set(changed) & set(ids))), False)


def places(messages: Iterable[Message]) -> dict[int, Place]:
    """Of those that have alternatives, by id."""
    messages = list(messages)
    if not messages:
        return {}
    parents = [message.parent_id for message in messages]
    beside = Q(parent__in=[id for id in parents if id is not None])
    if None in parents:
        beside |= Q(parent=None, conversation=messages[0].conversation_id)
    siblings: dict[tuple[int | None, str], list[int]] = {}
    rows = Message.objects.filter(beside).order_by("pk").values_list("pk", "parent", "role")
    for id, parent, role in rows:
        siblings.setdefault((parent, role), []).append(id)
    found = {message.pk: siblings[message.parent_id, message.role] for message in messages}
    return {id: _place(id, among) for id, among in found.items() if len(among) > 1}


def _place(id: int, among: list[int]) -> Place:
    at = among.index(id)
    return Place(
        at + 1,
        len(among),
        among[at - 1] if at else None,
        among[at + 1] if at + 1 < len(among) else None,
    )


def live_answer(conversation: Conversation) -> Message | None:
    live = conversation.messages.filter(generation__status__in=Generation.LIVE)
    return with_runs(live).first()


def can_retry(message: Message) -> bool:
    """Whether nothing came of the last answer, so that asking again repeats nothing."""
    if message.generation is None or message.generation.is_live:
        return False
    if message.status != "failed" and message.content:
        return False
    if message.status not in ("failed", "stopped"):
        return False
    return message.conversation.leaf_id == message.pk


def prompt(conversation: Conversation, last: int | None) -> list[dict[str, Any]]:
    """The turns up to the message `last`, for the model: roles alternate and a person's comes
    first, but for the instructions that the conversation or its project have.

    Answers that were stopped half way count; what failed without a word does not.
    """
    turns: list[dict[str, Any]] = []
    for message in _history(last):
        if turns and turns[-1]["role"] == message.role:
            turns[-1]["content"] += "\n\n" + message.content
        elif turns or message.role == Message.Role.USER:
            turns.append({"role": message.role, "content": message.content})
    instructions = instructions_of(conversation)
    return [{"role": "system", "content": instructions}, *turns] if instructions else turns


def instructions_of(conversation: Conversation) -> str:
    """Its own, or else those of its project."""
    if conversation.instructions or conversation.project is None:
        return conversation.instructions
    project = conversation.project
    parts = [project.prompt.prompt if project.prompt else "", project.instructions]
    return "\n\n".join(part for part in parts if part)


def _history(last: int | None) -> list[Message]:
    """The last MAX_HISTORY_MESSAGES or, so that the next few messages find the same beginning in
    the model's cache, up to half as many."""
    said = Message.objects.filter(pk__in=branch(last)).exclude(content="").order_by("pk")
    ids = list(said.values_list("pk", flat=True))
    most = settings.MAX_HISTORY_MESSAGES
    stride = max(1, most // 2)
    surplus = max(0, len(ids) - most)
    told = ids[-(-surplus // stride) * stride :]
    return list(Message.objects.filter(pk__in=told).only("role", "content").order_by("pk"))


def _read(ids: Iterable[int]) -> list[Message]:
    return list(with_runs(Message.objects.filter(pk__in=ids)).order_by("pk"))


def with_runs(messages: QuerySet[Message]) -> QuerySet[Message]:
    return messages.select_related("conversation__project", "generation__model")
