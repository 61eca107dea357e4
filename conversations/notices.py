"""The one publisher to open pages: what changed for a user, after it was committed.

Only low-rate notices go this way, as the channel layer may drop messages; they name rows, and each
socket reads those itself. A page that missed one catches up when it says hello again.
"""

from typing import Literal
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from conversations.models import Conversation

Kind = Literal["messages", "title", "deleted", "signed_out", "account"]


def group(user_id: int) -> str:
    return f"user.{user_id}"


def messages_changed(conversation: Conversation) -> None:
    """Messages were added, or an answer was asked for again or ended."""
    _publish(conversation.user_id, "messages", conversation.pk)


def title_changed(conversation: Conversation) -> None:
    _publish(conversation.user_id, "title", conversation.pk)


def deleted(user_id: int, conversation_id: UUID) -> None:
    _publish(user_id, "deleted", conversation_id)


def signed_out(user_id: int, session_key: str) -> None:
    _publish(user_id, "signed_out", session_key)


def account_changed(user_id: int) -> None:
    """The user's sessions may have lost their right: each socket has to look again."""
    _publish(user_id, "account", "")


def _publish(user_id: int, kind: Kind, subject: UUID | str) -> None:
    event = {"type": "notice", "kind": kind, "subject": str(subject)}
    transaction.on_commit(lambda: _send(group(user_id), event), robust=True)


def _send(name: str, event: dict[str, str]) -> None:
    async_to_sync(get_channel_layer().group_send)(name, event)
