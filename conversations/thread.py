"""Which messages of a conversation a page shows, and which a model is told.

The messages form a tree; a branch is the way from one of them back to the first.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q

from conversations.models import Conversation, Message
from conversations.prompts.variables import fill
from inference.models import Generation

SHOWN = 30
"""Messages on a page before "Show earlier messages": long conversations must not freeze it."""
MOST_DRAWN = 200
"""So many at once, where a page changes to another branch in the middle of a conversation."""
BEFORE_FORK = 6
"""Messages that both branches have and that are drawn with the fork, so that it keeps its place."""

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
    return _read(conversation, ids[-SHOWN:]), len(ids) > SHOWN


def shown_from(conversation: Conversation, message: int) -> tuple[list[Message], bool]:
    """As `shown`, but from a little before one of them on."""
    ids = branch(conversation.leaf_id)
    start = max(0, min(len(ids) - SHOWN, bisect_left(ids, message) - BEFORE_FORK))
    return _read(conversation, ids[start:]), start > 0


def missing(conversation: Conversation, last: int, also: Iterable[int]) -> Missing:
    """What a page lacks that shows a branch up to `last`: what came later, every live answer, and
    those of `also`, which may have changed since it drew them."""
    ids = branch(conversation.leaf_id)
    later = [id for id in ids if id > last]
    if (last and last not in ids) or len(later) > MOST_DRAWN:
        start = _start(ids, branch(last))
        return Missing(_read(conversation, ids[start:]), True, has_more=start > 0)
    live = Q(generation__status__in=Generation.LIVE) | Q(pk__in=set(also))
    changed = conversation.messages.filter(live).values_list("pk", flat=True)
    return Missing(_read(conversation, set(later) | (set(changed) & set(ids))), False)


def _start(ids: list[int], known: list[int]) -> int:
    """From where on to draw a branch in place of the `known` one: with the place where they part,
    unless that is far from the end."""
    fork = len(set(ids) & set(known))
    start = max(0, min(len(ids) - SHOWN, fork - BEFORE_FORK))
    return start if len(ids) - start <= MOST_DRAWN else len(ids) - SHOWN


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


def live_answer(conversation: Conversation) -> int | None:
    """The id of the one that is being written, or waits to be."""
    live = conversation.messages.filter(generation__status__in=Generation.LIVE)
    return live.order_by("pk").values_list("pk", flat=True).first()


def can_retry(message: Message) -> bool:
    """Whether nothing came of the last answer, so that asking again repeats nothing."""
    if message.generation is None or message.generation.is_live:
        return False
    if message.status != "failed" and _has_begun(message):
        return False
    if message.status not in ("failed", "stopped"):
        return False
    return message.conversation.leaf_id == message.pk


def can_go_on(message: Message) -> bool:
    """Whether it is the last answer and ended before its end."""
    run = message.generation
    if run is None or run.is_live or not _has_begun(message):
        return False
    was_cut = run.status != Generation.Status.DONE or run.reason == Generation.Reason.LENGTH
    return was_cut and message.conversation.leaf_id == message.pk


def _has_begun(message: Message) -> bool:
    """A thought can be gone on with where its tokens are known."""
    return bool(message.content or (message.thought and is_as_written(message)))


def is_as_written(message: Message) -> bool:
    """Whether its tokens are its text, and nothing else: a stop string is not shown."""
    run = message.generation
    return run is not None and not run.parameters.get("stop") and "\0" not in message.content


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
    parts = [fill(project.prompt.prompt, {}) if project.prompt else "", project.instructions]
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


def _read(conversation: Conversation, ids: Iterable[int]) -> list[Message]:
    """Their conversation is the one that is given."""
    found = conversation.messages.filter(pk__in=ids).select_related("author", "generation__model")
    return list(found.defer("token_ids").order_by("pk"))
