"""Links by which people who have no right to a conversation can read a part of it."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from conversations import notices, thread
from conversations.models import Conversation, Message, SharedLink
from conversations.refusals import Refused

TOKEN_BYTES = 32
MOST_LINKS = 100
"""Of one conversation."""
BATCH = 500


class NothingToShare(Refused):
    """So no link is made."""


def links_of(conversation: Conversation) -> QuerySet[SharedLink]:
    """Those that work, the latest first."""
    return conversation.links.filter(_works()).order_by("-created_at", "-pk")


def working_links() -> QuerySet[SharedLink]:
    """Deleting a conversation, or making it temporary, ends its links, and so does the end of its
    owner's account."""
    return SharedLink.objects.filter(
        _works(),
        conversation__deleted_at=None,
        conversation__is_temporary=False,
        conversation__user__is_active=True,
    )


@transaction.atomic
def share(conversation: Conversation, expires_at: datetime | None = None) -> SharedLink:
    """The branch that is shown, up to the last message that is complete. Raises NothingToShare."""
    if conversation.is_temporary:
        raise NothingToShare(_("A temporary chat can’t be shared."))
    if links_of(conversation).count() >= MOST_LINKS:
        raise NothingToShare(_("This chat has too many links. Revoke one first."))
    leaf = _last_complete(conversation)
    if leaf is None:
        raise NothingToShare(_("There is nothing to share yet."))
    return SharedLink.objects.create(
        token=secrets.token_urlsafe(TOKEN_BYTES),
        conversation=conversation,
        title=conversation.title,
        leaf=leaf,
        content=leaf.content,
        thought=leaf.thought,
        expires_at=expires_at,
    )


def revoke(links: QuerySet[SharedLink]) -> int:
    """They are never to work again; how many did until now."""
    return links.filter(revoked_at=None).update(revoked_at=timezone.now())


def messages_of(link: SharedLink, after: int = 0) -> Iterator[Message]:
    """What it shows after the message of this id, oldest first."""
    said = Message.objects.filter(pk__in=thread.branch(link.leaf_id), pk__gt=after)
    rows = said.exclude(content="", pk__lt=link.leaf_id).select_related("generation__model")
    for message in rows.order_by("pk").iterator(BATCH):
        if message.pk == link.leaf_id:
            message.content, message.thought = link.content, link.thought
        yield message


@transaction.atomic
def take_over(user: User, link: SharedLink) -> Conversation:
    """A conversation of the reader's own, with what the link shows."""
    now = timezone.now()
    conversation = Conversation.objects.create(
        user=user,
        title=link.title,
        named_by=Conversation.Namer.USER,
        model=link.conversation.model,
        created_at=now,
        updated_at=now,
    )
    parent = None
    for said in messages_of(link):
        parent = Message.objects.create(
            conversation=conversation,
            parent=parent,
            author=user,
            role=said.role,
            content=said.content,
            thought=said.thought,
            thinking_seconds=said.thinking_seconds,
            model_name=said.answered_by,
            created_at=said.created_at,
        )
    conversation.leaf = parent
    conversation.save(update_fields=["leaf"])
    notices.messages_changed(conversation)
    return conversation


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


def _works() -> Q:
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def _last_complete(conversation: Conversation) -> Message | None:
    said = Message.objects.filter(pk__in=thread.branch(conversation.leaf_id))
    for message in said.exclude(content="").select_related("generation").order_by("-pk"):
        if message.generation is None or not message.generation.is_live:
            return message
    return None
