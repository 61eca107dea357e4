"""Conversations in every state, made the way the platform makes them."""

from django.utils import timezone

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message
from inference import lifecycle, queue
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation

HTMX = {"HX-Request": "true"}


def asked(
    user: User, model: AIModel, text: str, conversation: Conversation | None = None
) -> Message:
    """The answer that is waited for."""
    return actions.send_message(user, conversation, text, model).answer


def said(conversation: Conversation, role: str, text: str) -> Message:
    """A message that follows the last one, as if it had been written long ago."""
    message = conversation.messages.create(role=role, content=text, parent_id=conversation.leaf_id)
    Conversation.objects.filter(pk=conversation.pk).update(leaf=message)
    conversation.leaf = message
    return message


def run_of(answer: Message) -> Generation:
    return Generation.objects.select_related("model").get(message=answer)


def started(answer: Message) -> Generation:
    """A worker has taken the run."""
    run = queue.claim(run_of(answer).model_id, "worker")
    assert run
    return run


def answered(answer: Message, text: str) -> Message:
    run = started(answer)
    done = Outcome(
        Generation.Status.DONE,
        Generation.Reason.STOP,
        text=text,
        prompt_tokens=10,
        completion_tokens=len(text.split()),
        first_token_at=timezone.now(),
    )
    assert lifecycle.finish(run.pk, run.attempt, done)
    return fresh(answer)


def failed(answer: Message, error: str, text: str = "") -> Message:
    run = started(answer)
    assert lifecycle.finish(run.pk, run.attempt, Outcome.failed(error, text=text))
    return fresh(answer)


def stopped(answer: Message, text: str) -> Message:
    run = started(answer)
    end = Outcome(Generation.Status.STOPPED, Generation.Reason.CANCELLED, text=text)
    assert lifecycle.finish(run.pk, run.attempt, end)
    return fresh(answer)


def fresh(message: Message) -> Message:
    return Message.objects.select_related("conversation", "generation__model").get(pk=message.pk)
