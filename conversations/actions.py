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
from conversations.access import hold
from conversations.layers import parameters_of
from conversations.markdown import plain_text_title
from conversations.models import Conversation, Message
from conversations.refusals import Busy, NothingToGoOn, NothingToRetry, Refused
from conversations.token_ids import pack, unpack
from inference import lifecycle
from inference.ask import Ask
from inference.models import AIModel, Generation

NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})
"""All as the model's settings say."""
NO_FIELDS: Mapping[str, Any] = MappingProxyType({})


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
    beginning: Mapping[str, Any] = NO_FIELDS,
) -> Sent:
    """Add a person's message, and queue the answer. `beginning` has further fields of the
    conversation that it begins, if it does. Raises Busy, or what lifecycle.submit does; nothing
    has been written then."""
    if conversation is None:
        fields = {"title": plain_text_title(text), **beginning}
        if project := fields.get("project"):
            hold(project)
        conversation = Conversation.objects.create(user=user, **fields)
    else:
        conversation = _free(conversation)
    return _say(user, conversation, conversation.leaf_id, text, model, parameters, api_key)


@transaction.atomic
def edit(
    user: User,
    question: Message,
    text: str,
    model: AIModel,
    parameters: Mapping[str, Any] = NO_PARAMETERS,
    api_key: APIKey | None = None,
) -> Sent:
    """Ask in other words. The old question stays beside the new one, with all that followed. The
    parameters are those of its last answer but for `parameters`. Raises Refused, or what
    send_message does."""
    conversation = _free(question.conversation)
    if question.role != Message.Role.USER:
        raise Refused(_("Only what people wrote can be edited."))
    former = question.replies.filter(role=Message.Role.ASSISTANT).order_by("pk").last()
    parameters = {**(former.parameters if former else {}), **parameters}
    return _say(user, conversation, question.parent_id, text, model, parameters, api_key)


@transaction.atomic
def regenerate(
    user: User,
    answer: Message,
    model: AIModel,
    parameters: Mapping[str, Any] = NO_PARAMETERS,
    api_key: APIKey | None = None,
) -> Message:
    """Have the same question answered once more, beside the answer that is there, with the
    parameters of that one but for `parameters`. Raises Refused, or what send_message does."""
    conversation = _free(answer.conversation)
    if answer.role != Message.Role.ASSISTANT or answer.parent is None:
        raise Refused(_("Only answers can be asked for again."))
    again = Message(
        conversation=conversation,
        parent=answer.parent,
        author=user,
        role=Message.Role.ASSISTANT,
        parameters={**answer.parameters, **parameters},
    )
    _ask(again, model, api_key)
    return again


@transaction.atomic
def retry(user: User, message: Message) -> None:
    """Ask again for an answer that never came, in its place."""
    _free(message.conversation)
    message.refresh_from_db()
    if not thread.can_retry(message) or message.generation is None:
        raise NothingToRetry
    model = _usable(message.generation.model)
    message.author, message.content, message.token_ids = user, "", None
    message.thought, message.thinking_seconds = "", None
    _ask(message, model)


@transaction.atomic
def go_on(user: User, answer: Message, api_key: APIKey | None = None) -> None:
    """Have an answer that was cut off go on, in its place. Raises Refused, or what send_message
    does."""
    _free(answer.conversation)
    answer.refresh_from_db()
    if not thread.can_go_on(answer) or answer.generation is None:
        raise NothingToGoOn
    former = answer.generation
    begun = unpack(answer.token_ids) if thread.is_as_written(answer) else []
    answer.author = user
    _ask(answer, _usable(former.model), api_key, begun or answer.content)
    answer.inspections.all().delete()  # they tell of the tokens that it had
    lifecycle.forget(Generation.objects.filter(pk=former.pk))


@transaction.atomic
def branch_off(
    user: User,
    answer: Message,
    begun: list[int],
    text: str,
    thought: str = "",
    api_key: APIKey | None = None,
) -> Message:
    """Another answer beside it, which begins with these tokens: `text` is what they say, after
    they have thought `thought`. Raises Refused, or what send_message does."""
    conversation = _free(answer.conversation)
    if answer.generation is None:
        raise Refused(_("It isn’t known any more which model wrote this answer."))
    other = Message(
        conversation=conversation,
        parent=answer.parent,
        author=user,
        role=Message.Role.ASSISTANT,
        content=text,
        thought=thought,
        thinking_seconds=answer.thinking_seconds if thought == answer.thought else None,
        token_ids=pack(begun),
        parameters=answer.parameters,
    )
    _ask(other, _usable(answer.generation.model), api_key, begun)
    return other


@transaction.atomic
def show(message: Message) -> int:
    """Show its branch, for everybody, down to what was written last there: the id of that."""
    conversation = _locked(message.conversation)
    leaf = thread.latest_below(message)
    if conversation.leaf_id != leaf:
        Conversation.objects.filter(pk=conversation.pk).update(leaf=leaf)
        notices.branch_changed(conversation)
    return leaf


def stop(message: Message) -> None:
    if message.generation and message.generation.is_live:
        with transaction.atomic():
            lifecycle.stop(message.generation)


def _usable(model: AIModel) -> AIModel:
    if not AIModel.objects.usable().filter(pk=model.pk).exists():
        raise Refused(_("%(model)s isn’t available any more.") % {"model": model})
    return model


def _locked(conversation: Conversation) -> Conversation:
    """So that its messages are added one after another, in the order of their ids."""
    return get_object_or_404(
        Conversation.objects.kept()
        .select_related("project__prompt")
        .select_for_update(of=("self",)),
        pk=conversation.pk,
    )


def _free(conversation: Conversation) -> Conversation:
    """Locked, if no answer is being written there."""
    conversation = _locked(conversation)
    if thread.live_answer(conversation):
        raise Busy
    return conversation


def _say(
    user: User,
    conversation: Conversation,
    parent_id: int | None,
    text: str,
    model: AIModel,
    parameters: Mapping[str, Any],
    api_key: APIKey | None,
) -> Sent:
    question = conversation.messages.create(
        parent_id=parent_id, author=user, role=Message.Role.USER, content=text
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


def _ask(
    answer: Message,
    model: AIModel,
    api_key: APIKey | None = None,
    begun: str | list[int] | None = None,
) -> None:
    """Has whoever asked for it pay for it. `begun` is what it goes on after."""
    conversation = answer.conversation
    answer.generation = lifecycle.submit(
        answer.author or conversation.user,
        model,
        Ask(thread.prompt(conversation, answer.parent_id), begun=begun),
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
