"""Deleting conversations: for a minute it can be undone, then nothing that was said remains.

Temporary ones go by themselves. All processes sweep, see conversations.sweeping, and so does
whoever deletes the next one.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from conversations import notices
from conversations.access import readers_of
from conversations.models import Conversation
from conversations.organising.tags import drop_unused
from inference import lifecycle
from inference.models import Generation

UNDO_SECONDS = 60
TEMPORARY_HOURS = 24
"""After the last message."""


def put_away(conversation: Conversation) -> None:
    """Deleted for everybody who sees it, and for good when UNDO_SECONDS are over."""
    with transaction.atomic():
        _put_away(conversation, timezone.now())
    sweep()


def put_away_all(user: User) -> datetime | None:
    """All they have, archived ones too; the moment by which it can be undone, if there were any."""
    moment = timezone.now()
    with transaction.atomic():
        all_of_them = list(Conversation.objects.kept().filter(user=user, is_temporary=False))
        for conversation in all_of_them:
            _put_away(conversation, moment)
    sweep()
    return moment if all_of_them else None


def restorable(user: User) -> QuerySet[Conversation]:
    """What they deleted a moment ago."""
    since = timezone.now() - timedelta(seconds=UNDO_SECONDS)
    return Conversation.objects.filter(user=user, deleted_at__gte=since)


def restore(deleted: QuerySet[Conversation]) -> None:
    """Of `restorable` ones."""
    with transaction.atomic():
        back = list(deleted.select_for_update(of=("self",)))
        Conversation.objects.filter(pk__in=[one.pk for one in back]).update(deleted_at=None)
        for conversation in back:
            notices.title_changed(conversation)


@transaction.atomic
def delete(conversation: Conversation) -> None:
    """Nothing that was said remains; the account of the runs does."""
    if Conversation.objects.select_for_update().filter(pk=conversation.pk).first() is None:
        return  # somebody else was faster; until it is gone, nobody says anything there
    conversation_id, readers = conversation.pk, readers_of(conversation)
    _stop_runs(conversation)  # they are forgotten when they have ended, see recording
    ended = _runs(conversation).exclude(status__in=Generation.LIVE)
    ids = list(ended.values_list("pk", flat=True))
    conversation.delete()
    drop_unused(conversation.user_id)
    lifecycle.forget(Generation.objects.filter(pk__in=ids))
    notices.deleted(readers, conversation_id)


def sweep() -> int:
    """Delete for good what is due, whosever it is; how many they were."""
    ids = list(_due().values_list("pk", flat=True))
    return sum(map(_delete_if_due, ids))


def _put_away(conversation: Conversation, moment: datetime) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=moment)
    _stop_runs(conversation)
    notices.deleted(readers_of(conversation), conversation.pk)


def _due() -> QuerySet[Conversation]:
    now = timezone.now()
    deleted = Q(deleted_at__lt=now - timedelta(seconds=UNDO_SECONDS))
    lapsed = Q(is_temporary=True, updated_at__lt=now - timedelta(hours=TEMPORARY_HOURS))
    return Conversation.objects.filter(deleted | lapsed)


@transaction.atomic
def _delete_if_due(conversation_id: UUID) -> bool:
    """It may have been restored meanwhile, or swept by another process."""
    due = _due().filter(pk=conversation_id).select_for_update(of=("self",)).first()
    if due:
        delete(due)
    return due is not None


def _runs(conversation: Conversation) -> QuerySet[Generation]:
    """Of its answers, of looks at them, and the one that thinks of its title."""
    its_own = Q(message__conversation=conversation) | Q(named=conversation)
    looks = Q(inspection__message__conversation=conversation)
    return Generation.objects.filter(its_own | looks)


def _stop_runs(conversation: Conversation) -> None:
    for generation in _runs(conversation).filter(status__in=Generation.LIVE):
        lifecycle.stop(generation)
