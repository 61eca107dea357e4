"""Asking and answering: each checks what only the database can tell, and writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import APIKey, User
from conversations import notices, thread
from conversations.layers import parameters_of
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
    question = conversation.messages.create(
        parent_id=conversation.leaf_id, author=user, role=Message.Role.USER, content=text
    )
    answer = Message(
        conversation=conversation,
        parent=question,
        author=user,
        role=Message.Role.ASSISTANT,
        parameters=dict(parameters),
    )
    _ask(answer, model, api_key)
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
        Conversation.objects.kept()
        .select_related("project__prompt")
        .select_for_update(of=("self",)),
        pk=conversation.pk,
    )
    if thread.live_answer(conversation):
        raise Busy
    return conversation


def _ask(answer: Message, model: AIModel, api_key: APIKey | None = None) -> None:
    """Has whoever asked for it pay for it."""
    conversation = answer.conversation
    answer.generation = lifecycle.submit(
        answer.author or conversation.user,
        model,
        Ask(thread.prompt(conversation, answer.parent_id)),
        parameters_of(answer),
        Generation.Source.CHAT,
        api_key=api_key,
    )
    answer.save()
    conversation.leaf = answer
    conversation.model = model
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["leaf", "model", "updated_at"])
    notices.messages_changed(conversation)


def _forget(generation: Generation) -> None:
    lifecycle.forget(Generation.objects.filter(pk=generation.pk))
