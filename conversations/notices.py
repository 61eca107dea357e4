"""The one publisher to open pages: what changed for a user, after it was committed.

Only low-rate notices go this way, as the channel layer may drop messages; they name rows, and each
socket reads those itself. A page that missed one catches up when it says hello again.
"""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from accounts.models import User
from conversations.access import readers_of
from conversations.models import Comparison, Conversation, Message

Kind = Literal[
    "messages",
    "branch",
    "title",
    "feedback",
    "deleted",
    "project",
    "lists",
    "comparison",
    "signed_out",
    "account",
]


def group(user_id: int) -> str:
    return f"user.{user_id}"


def messages_changed(conversation: Conversation) -> None:
    """Messages were added, or an answer was asked for again or ended."""
    _publish_to(readers_of(conversation), "messages", conversation.pk)


def branch_changed(conversation: Conversation) -> None:
    """Another branch is shown; nothing was said, so it keeps its place in lists."""
    _publish_to(readers_of(conversation), "branch", conversation.pk)


def title_changed(conversation: Conversation) -> None:
    """Or whatever else its entry in lists shows."""
    _publish_to(readers_of(conversation), "title", conversation.pk)


def feedback_changed(user: User, answer: Message) -> None:
    """What they think of it; others have opinions of their own."""
    _publish_to([user.pk], "feedback", answer.pk)


def deleted(readers: Iterable[int], conversation_id: UUID) -> None:
    """`readers` are ids of users, see readers_of, who had it before."""
    _publish_to(readers, "deleted", conversation_id)


def project_changed(members: Iterable[int], project_id: UUID) -> None:
    """Or who may see it, and so its conversations; `members` are those of before and after."""
    _publish_to(members, "project", project_id)


def lists_changed(user_id: int) -> None:
    """Many of a user's conversations at once, or what their lists are told apart by."""
    _publish_to([user_id], "lists", "")


def comparison_changed(comparison: Comparison) -> None:
    """An answer was asked for again or has ended, or there was a vote."""
    _publish_to([comparison.user_id], "comparison", comparison.pk)


def comparison_deleted(user_id: int, comparison_id: UUID) -> None:
    _publish_to([user_id], "comparison", comparison_id)


def signed_out(user_id: int, session_key: str) -> None:
    _publish_to([user_id], "signed_out", session_key)


def account_changed(user_id: int) -> None:
    """The user's sessions may have lost their right: each socket has to look again."""
    _publish_to([user_id], "account", "")


def _publish_to(users: Iterable[int], kind: Kind, subject: UUID | int | str) -> None:
    event = {"type": "notice", "kind": kind, "subject": str(subject)}
    groups = [group(user_id) for user_id in users]
    transaction.on_commit(lambda: _send(groups, event), robust=True)


def _send(groups: list[str], event: dict[str, str]) -> None:
    for name in groups:
        async_to_sync(get_channel_layer().group_send)(name, event)
