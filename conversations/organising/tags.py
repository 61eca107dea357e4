"""Words by which a person finds conversations of theirs again. Case makes no difference."""

from collections.abc import Iterable
from typing import Any, cast

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from conversations import notices
from conversations.models import Conversation, Tag

LONGEST = 50
MOST = 20
"""Of one conversation."""


class TagError(ValueError):
    """The message is a sentence for people."""


def parse(words: Iterable[str]) -> list[str]:
    """The tags that are meant, each once. Raises TagError."""
    names: dict[str, str] = {}
    for word in words:
        name = " ".join(word.replace("\0", " ").lstrip("# ").split())
        if name:
            names.setdefault(name.casefold(), name)
    if any("," in name for name in names):
        raise TagError(_("A tag has no comma in it."))
    if any(len(name) > LONGEST for name in names.values()):
        raise TagError(_("A tag may have at most %(count)d characters.") % {"count": LONGEST})
    if len(names) > MOST:
        raise TagError(_("A conversation may have at most %(count)d tags.") % {"count": MOST})
    return list(names.values())


def tags_of(user: User) -> QuerySet[Tag]:
    """Those that conversations in the list have, the most used first, with their number."""
    listed = Conversation.objects.listed().filter(user=user).values("pk")
    uses = Count("conversations", filter=Q(conversations__in=listed))
    tags: Any = Tag.objects.filter(user=user).annotate(count=uses)
    return cast(QuerySet[Tag], tags.order_by("-count", "name"))


@transaction.atomic
def set_tags(conversation: Conversation, names: Iterable[str]) -> None:
    """Exactly these; `names` are clean, see parse."""
    known = {tag.name.casefold(): tag for tag in Tag.objects.filter(user=conversation.user)}
    wanted = [
        known.get(name.casefold())
        or Tag.objects.get_or_create(user=conversation.user, name=name)[0]
        for name in names
    ]
    conversation.tags.set(wanted)
    drop_unused(conversation.user_id)
    notices.title_changed(conversation)
    notices.lists_changed(conversation.user_id)


@transaction.atomic
def rename(tag: Tag, name: str) -> Tag:
    """Where there is one of that name, they become one; which it is now."""
    others = Tag.objects.filter(user=tag.user).exclude(pk=tag.pk)
    same = next((one for one in others if one.name.casefold() == name.casefold()), None)
    if same is None:
        tag.name = name
        tag.save(update_fields=["name"])
    else:
        same.conversations.add(*tag.conversations.all())
        tag.delete()
    notices.lists_changed(tag.user_id)
    return tag if same is None else same


@transaction.atomic
def delete(tag: Tag) -> None:
    """From every conversation that has it."""
    tag.delete()
    notices.lists_changed(tag.user_id)


def drop_unused(user_id: int) -> None:
    """What people wrote does not outlive its use."""
    Tag.objects.filter(user=user_id, conversations=None).delete()
