"""Messages as one of their readers sees them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from conversations import thread
from conversations.access import may_write
from conversations.model_names import ModelNames
from conversations.models import Conversation, Feedback, Message


@dataclass(frozen=True)
class Shown:
    """Without more than the message, it can be read and copied."""

    message: Message
    is_readers: bool = False
    """It is in a conversation of the reader's, who may look into it and say how good it is."""
    may_write: bool = False
    place: thread.Place | None = None
    model: str = ""
    """What the model is called that answers."""
    author: str = ""
    """Who wrote it, if it was somebody else than the reader."""
    rating: int = 0
    """What the reader thought of it: 1, -1, or 0 for nothing."""


def for_reader(
    messages: Sequence[Message], conversation: Conversation, reader: User
) -> list[Shown]:
    """All of one conversation, in a number of queries that does not depend on theirs, but for one
    of each model that answered elsewhere."""
    places = thread.places(messages)
    rated = Feedback.objects.filter(user=reader, message__in=messages)
    ratings = dict(rated.values_list("message", "rating"))
    writes = may_write(reader, conversation)
    names = ModelNames()
    return [
        Shown(
            message,
            is_readers=True,
            may_write=writes,
            place=places.get(message.pk),
            model=names.of(message),
            author=_author(message, reader),
            rating=ratings.get(message.pk, 0),
        )
        for message in messages
    ]


def _author(message: Message, reader: User) -> str:
    if message.role != Message.Role.USER or message.author_id == reader.pk:
        return ""
    if message.author_id is None:
        return _("Somebody who has left") if message.conversation.project_id else ""
    return str(message.author)
