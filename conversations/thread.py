"""Which messages of a conversation a page shows, and which a model is told."""

from django.conf import settings
from django.db.models import Q, QuerySet

from conversations.models import Conversation, Message
from inference.models import Generation

SHOWN = 50
"""Messages on a page before "Show earlier messages": long conversations must not freeze it."""


def shown(conversation: Conversation, before: int | None = None) -> tuple[list[Message], bool]:
    """The last messages (before one of them), oldest first, and whether there are earlier ones."""
    messages = _with_runs(conversation).order_by("-pk")
    if before is not None:
        messages = messages.filter(pk__lt=before)
    rows = list(messages[: SHOWN + 1])
    return rows[:SHOWN][::-1], len(rows) > SHOWN


def missing(conversation: Conversation, last: int, also: list[int]) -> list[Message]:
    """What a page lacks that shows everything up to `last`: what came later, every live answer,
    and those of `also`, which may have changed since it drew them."""
    wanted = Q(pk__gt=last) | Q(generation__status__in=Generation.LIVE) | Q(pk__in=also)
    return list(_with_runs(conversation).filter(wanted).order_by("pk"))


def live_answer(conversation: Conversation) -> Message | None:
    return _with_runs(conversation).filter(generation__status__in=Generation.LIVE).first()


def can_retry(message: Message) -> bool:
    """Whether nothing came of the last answer, so that asking again repeats nothing."""
    if message.generation is None or message.generation.is_live:
        return False
    if message.status != "failed" and message.content:
        return False
    if message.status not in ("failed", "stopped"):
        return False
    return not message.conversation.messages.filter(pk__gt=message.pk).exists()


def prompt(conversation: Conversation) -> list[dict[str, str]]:
    """The last turns for the model: roles alternate and a person's comes first.

    Answers that were stopped half way count; what failed without a word does not.
    """
    turns: list[dict[str, str]] = []
    for message in _history(conversation):
        if turns and turns[-1]["role"] == message.role:
            turns[-1]["content"] += "\n\n" + message.content
        elif turns or message.role == Message.Role.USER:
            turns.append({"role": message.role, "content": message.content})
    return turns


def _history(conversation: Conversation) -> QuerySet[Message]:
    """The last MAX_HISTORY_MESSAGES or, so that the next few messages find the same beginning in
    the model's cache, up to half as many."""
    messages = conversation.messages.exclude(content="").order_by("pk")
    most = settings.MAX_HISTORY_MESSAGES
    stride = max(1, most // 2)
    surplus = max(0, messages.count() - most)
    return messages[-(-surplus // stride) * stride :]


def _with_runs(conversation: Conversation) -> QuerySet[Message]:
    return conversation.messages.select_related("conversation", "generation__model")
