"""What people do with whole conversations."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from conversations import notices
from conversations.access import readers_of
from conversations.imports import Imported
from conversations.models import Conversation, Message
from inference import lifecycle
from inference.models import AIModel, Generation


def create(user: User, title: str, model: AIModel | None) -> Conversation:
    """One without messages yet."""
    with transaction.atomic():
        conversation = Conversation.objects.create(user=user, title=title, model=model)
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
            created_at=one.created_at,
            updated_at=now - timedelta(microseconds=number),
        )
        for number, one in enumerate(found)
    )
    for conversation, one in zip(added, found, strict=True):
        written = Message.objects.bulk_create(_messages(conversation, one), batch_size=500)
        _chain(written)
        conversation.leaf = written[-1] if written else None
    Conversation.objects.bulk_update(added, ["leaf"])
    for conversation in reversed(added):
        notices.messages_changed(conversation)
    return added


def _messages(conversation: Conversation, one: Imported) -> Iterator[Message]:
    for message in one.messages:
        yield Message(
            conversation=conversation,
            author=conversation.user,
            role=message.role,
            content=message.content,
            created_at=message.created_at,
        )


def _chain(written: list[Message]) -> None:
    """Each follows the one before it."""
    for earlier, later in pairwise(written):
        later.parent = earlier
    Message.objects.bulk_update(written[1:], ["parent"], batch_size=500)


def rename(conversation: Conversation, title: str) -> None:
    with transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk).update(
            title=title, named_by=Conversation.Namer.USER
        )
        notices.title_changed(conversation)


@transaction.atomic
def delete(conversation: Conversation) -> None:
    """Nothing that was said remains; the account of the runs does."""
    conversation_id, readers = conversation.pk, readers_of(conversation)
    runs = Generation.objects.filter(message__conversation=conversation)
    for generation in runs.filter(status__in=Generation.LIVE):
        lifecycle.stop(generation)  # it is forgotten when it has ended, see record_answer
    ended = list(runs.exclude(status__in=Generation.LIVE).values_list("pk", flat=True))
    conversation.delete()
    lifecycle.forget(Generation.objects.filter(pk__in=ended))
    notices.deleted(readers, conversation_id)
