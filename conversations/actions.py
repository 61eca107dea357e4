"""What people do with conversations: each checks what only the database can tell, and writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import APIKey, User
from conversations import notices, thread
from conversations.imports import Imported
from conversations.markdown import plain_text_title
from conversations.models import Conversation, Message
from inference import lifecycle
from inference.ask import Ask
from inference.models import AIModel, Generation

NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})
"""All as the model's settings say."""


class Refused(Exception):
    """The message is a sentence for people."""


class Busy(Refused):
    """The conversation waits for an answer already."""

    def __init__(self) -> None:
        super().__init__(_("An answer is still being written. Wait for its end, or stop it."))


class NothingToRetry(Refused):
    def __init__(self) -> None:
        super().__init__(_("This answer can’t be asked for again."))


@dataclass(frozen=True)
class Sent:
    conversation: Conversation
    question: Message
    answer: Message


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
            created_at=one.created_at,
            updated_at=now - timedelta(microseconds=number),
        )
        for number, one in enumerate(found)
    )
    Message.objects.bulk_create(
        (
            Message(
                conversation=conversation,
                role=message.role,
                content=message.content,
                created_at=message.created_at,
            )
            for conversation, one in zip(added, found, strict=True)
            for message in one.messages
        ),
        batch_size=500,
    )
    for conversation in reversed(added):
        notices.messages_changed(conversation)
    return added


@transaction.atomic
def send_message(
    user: User,
    conversation: Conversation | None,
    text: str,
    model: AIModel,
    parameters: Mapping[str, Any] = NO_PARAMETERS,
    api_key: APIKey | None = None,
) -> Sent:
    """Add a person's message, and queue the answer. Raises Busy, or what lifecycle.submit does;
    nothing has been written then."""
    if conversation is None:
        conversation = Conversation.objects.create(user=user, title=plain_text_title(text))
    else:
        conversation = _locked(conversation)
    question = conversation.messages.create(role=Message.Role.USER, content=text)
    answer = Message(conversation=conversation, role=Message.Role.ASSISTANT)
    _ask(answer, model, parameters, api_key)
    return Sent(conversation, question, answer)


@transaction.atomic
def retry(message: Message) -> None:
    """Ask again for an answer that never came, in its place."""
    _locked(message.conversation)
    message.refresh_from_db()
    if not thread.can_retry(message) or message.generation is None:
        raise NothingToRetry
    model = message.generation.model
    if not AIModel.objects.usable().filter(pk=model.pk).exists():
        raise Refused(_("%(model)s isn’t available any more.") % {"model": model})
    Message.objects.filter(pk=message.pk).update(content="")
    message.content = ""
    _ask(message, model)


def stop(message: Message) -> None:
    if message.generation and message.generation.is_live:
        with transaction.atomic():
            lifecycle.stop(message.generation)


def rename(conversation: Conversation, title: str) -> None:
    with transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk).update(title=title)
        notices.title_changed(conversation)


@transaction.atomic
def delete(conversation: Conversation) -> None:
    """Nothing that was said remains; the account of the runs does."""
    conversation_id = conversation.pk
    runs = Generation.objects.filter(message__conversation=conversation)
    for generation in runs.filter(status__in=Generation.LIVE):
        lifecycle.stop(generation)  # it is forgotten when it has ended, see record_answer
    ended = list(runs.exclude(status__in=Generation.LIVE).values_list("pk", flat=True))
    conversation.delete()
    lifecycle.forget(Generation.objects.filter(pk__in=ended))
    notices.deleted(conversation.user_id, conversation_id)


def record_answer(generation: Generation, text: str) -> None:
    """Keep the text of a run that ended; called in the transaction that ends it."""
    if generation.source != Generation.Source.CHAT:
        return
    message = Message.objects.filter(generation=generation).select_related("conversation").first()
    if message is None:  # its conversation was deleted meanwhile
        transaction.on_commit(lambda: _forget(generation))
        return
    Message.objects.filter(pk=message.pk).update(content=text.replace("\0", ""))
    Conversation.objects.filter(pk=message.conversation_id).update(updated_at=timezone.now())
    notices.messages_changed(message.conversation)


def _locked(conversation: Conversation) -> Conversation:
    """So that its messages are added one after another, in the order of their ids."""
    conversation = get_object_or_404(
        Conversation.objects.select_for_update(of=("self",)), pk=conversation.pk
    )
    if thread.live_answer(conversation):
        raise Busy
    return conversation


def _ask(
    answer: Message,
    model: AIModel,
    parameters: Mapping[str, Any] = NO_PARAMETERS,
    api_key: APIKey | None = None,
) -> None:
    conversation = answer.conversation
    answer.generation = lifecycle.submit(
        conversation.user,
        model,
        Ask(thread.prompt(conversation)),
        parameters,
        Generation.Source.CHAT,
        api_key=api_key,
    )
    answer.save()
    conversation.model = model
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["model", "updated_at"])
    notices.messages_changed(conversation)


def _forget(generation: Generation) -> None:
    lifecycle.forget(Generation.objects.filter(pk=generation.pk))
