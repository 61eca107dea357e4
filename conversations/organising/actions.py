"""Beginning, naming and ordering whole conversations."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from conversations import notices
from conversations.access import hold, members_of
from conversations.importing import Imported
from conversations.models import Conversation, Message, Project
from conversations.organising.tags import set_tags

BATCH = 500


def create(user: User, tags: Iterable[str] = (), **fields: Any) -> Conversation:
    """One without messages yet; `fields` are its own, and `tags` clean, see tags.parse."""
    with transaction.atomic():
        if project := fields.get("project"):
            hold(project)
        conversation = Conversation.objects.create(user=user, **fields)
        if tags:
            set_tags(conversation, tags)
        notices.messages_changed(conversation)
    return conversation


@transaction.atomic
def import_conversations(user: User, found: list[Imported]) -> list[Conversation]:
    """Add them as if they had been held here, and changed now; the first is the latest."""
    now = timezone.now()
    added = Conversation.objects.bulk_create(
        Conversation(
            user=user,
            title=one.title,
            named_by=Conversation.Namer.USER,
            instructions=one.instructions,
            parameters=one.parameters,
            created_at=one.created_at,
            updated_at=now - timedelta(microseconds=number),
        )
        for number, one in enumerate(found)
    )
    written = [_messages(conversation, one) for conversation, one in zip(added, found, strict=True)]
    _store(written, found)
    for conversation, one, messages in zip(added, found, written, strict=True):
        conversation.leaf = None if one.leaf is None else messages[one.leaf]
    Conversation.objects.bulk_update(added, ["leaf"], batch_size=100)
    for conversation in reversed(added):
        notices.messages_changed(conversation)
    return added


def _messages(conversation: Conversation, one: Imported) -> list[Message]:
    messages: list[Message] = []
    for said in one.messages:
        message = Message(
            conversation=conversation,
            author=conversation.user,
            role=said.role,
            content=said.content,
            thought=said.thought,
            thinking_seconds=said.thinking_seconds,
            parameters=said.parameters,
            model_name=said.model,
            created_at=said.created_at,
        )
        messages.append(message)
    return messages


def _store(written: list[list[Message]], found: list[Imported]) -> None:
    """First the messages, then which one each of them follows: an id is above its parent's, as
    the one comes after the other."""
    every = [message for messages in written for message in messages]
    Message.objects.bulk_create(every, batch_size=BATCH)
    following = []
    for messages, one in zip(written, found, strict=True):
        for message, said in zip(messages, one.messages, strict=True):
            if said.parent is not None:
                message.parent = messages[said.parent]
                following.append(message)
    Message.objects.bulk_update(following, ["parent"], batch_size=BATCH)


def rename(conversation: Conversation, title: str) -> None:
    change(conversation, title=title)


def pin(conversation: Conversation, is_pinned: bool) -> None:
    """Above all others in the list, the one pinned last first."""
    change(conversation, pinned_at=timezone.now() if is_pinned else None)


def archive(conversation: Conversation, is_archived: bool) -> None:
    """Out of the list, and still there."""
    change(conversation, archived_at=timezone.now() if is_archived else None)


def archive_all(user: User) -> int:
    """Those that the list shows; how many they were."""
    with transaction.atomic():
        shown = Conversation.objects.listed().filter(user=user)
        count = shown.update(archived_at=timezone.now())
        notices.lists_changed(user.pk)
    return count


def move(conversation: Conversation, project: Project | None) -> None:
    """Who may read it changes with its project."""
    change(conversation, project=project)


def change(conversation: Conversation, tags: Iterable[str] | None = None, **fields: Any) -> None:
    """Set fields of its row, and its tags. Its place in lists is by what was said last, and stays.
    The members of a project that it leaves are told."""
    former = conversation.project
    if "title" in fields:
        fields["named_by"] = Conversation.Namer.USER
    with transaction.atomic():
        if project := fields.get("project"):
            hold(project)
        if tags is not None:
            set_tags(conversation, tags)
        Conversation.objects.filter(pk=conversation.pk).update(**fields)
        conversation.project = fields.get("project", former)
        notices.title_changed(conversation)
        if former and conversation.project != former:
            notices.project_changed(members_of(former), former.pk)


def mark_read(conversation: Conversation) -> None:
    """Its owner has it before their eyes."""
    with transaction.atomic():
        unread = Conversation.objects.filter(pk=conversation.pk, is_unread=True)
        if unread.update(is_unread=False):
            notices.title_changed(conversation)
