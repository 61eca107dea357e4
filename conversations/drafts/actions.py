"""What people have typed and not sent, so that it is there on whichever device they look next."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Draft

NO_AGE = timedelta(0)


def text_of(user: User, conversation: Conversation | None) -> str:
    """For that conversation, or for a new one; empty if there is none."""
    draft = Draft.objects.filter(user=user, conversation=conversation).first()
    return draft.text if draft else ""


def drafts_of(user: User) -> QuerySet[Draft]:
    """The latest first."""
    rows = Draft.objects.filter(user=user, conversation__deleted_at=None)
    return rows.order_by("-updated_at", "-pk")


@transaction.atomic
def keep(
    user: User, conversation: Conversation | None, text: str, age: timedelta = NO_AGE
) -> Draft:
    """The draft that there is now: this one, typed so long ago, or one that is newer. An empty
    one isn't stored."""
    User.objects.select_for_update().get(pk=user.pk)  # two devices may begin one at once
    typed_at = timezone.now() - age
    draft = Draft.objects.filter(user=user, conversation=conversation).first()
    if draft and draft.updated_at > typed_at:
        return draft
    draft = draft or Draft(user=user, conversation=conversation)
    draft.text, draft.updated_at = text, typed_at
    if text:
        draft.save()
    elif draft.pk:
        draft.delete()
    return draft


def forget(user: User, conversation: Conversation | None) -> None:
    """It was sent."""
    Draft.objects.filter(user=user, conversation=conversation).delete()
