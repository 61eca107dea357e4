"""Keeping what runs have written, in the transaction that ends them."""

from django.db import transaction
from django.utils import timezone

from conversations import notices
from conversations.models import Conversation, Message
from conversations.token_ids import pack
from inference import lifecycle
from inference.lifecycle import Outcome
from inference.models import Generation


def record_answer(generation: Generation, outcome: Outcome) -> None:
    if generation.source != Generation.Source.CHAT:
        return
    message = Message.objects.filter(generation=generation).select_related("conversation").first()
    if message is None:  # its conversation was deleted meanwhile
        transaction.on_commit(lambda: _forget(generation))
        return
    Message.objects.filter(pk=message.pk).update(
        content=message.content + outcome.text.replace("\0", ""),
        thought=message.thought + outcome.thought.replace("\0", ""),
        thinking_seconds=_sum(message.thinking_seconds, outcome.thinking_seconds),
        token_ids=bytes(message.token_ids or b"") + pack(outcome.tokens),
    )
    Conversation.objects.filter(pk=message.conversation_id).update(
        updated_at=timezone.now(), is_unread=True
    )
    notices.messages_changed(message.conversation)


def _sum(before: float | None, more: float | None) -> float | None:
    return before if more is None else (before or 0.0) + more


def _forget(generation: Generation) -> None:
    lifecycle.forget(Generation.objects.filter(pk=generation.pk))
