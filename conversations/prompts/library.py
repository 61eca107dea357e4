"""Finding prompts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import User
from conversations.access import prompts_of
from conversations.models import SystemPrompt

Tab = Literal["own", "shared", "public"]
TABS: tuple[Tab, ...] = get_args(Tab)
PAGE = 50
MOST_OFFERED = 20
"""In the composer."""
MOST_TAGS_READ = 1_000


@dataclass(frozen=True)
class Part:
    prompts: Sequence[SystemPrompt]
    after: UUID | None
    """The last one, if there are more."""


def tab(user: User, name: Tab) -> QuerySet[SystemPrompt]:
    """Own ones; those that others share with the user by name; those that they show everybody."""
    prompts = prompts_of(user).select_related("user")
    match name:
        case "own":
            return prompts.filter(user=user)
        case "shared":
            return prompts.filter(visibility=SystemPrompt.Visibility.SHARED).exclude(user=user)
        case "public":
            return prompts.filter(visibility=SystemPrompt.Visibility.PUBLIC).exclude(user=user)


def search(
    prompts: QuerySet[SystemPrompt], text: str = "", tag: str = ""
) -> QuerySet[SystemPrompt]:
    """Those with each word of the text in their name, description, text or tags."""
    for word in text.replace("\0", "").split()[:10]:
        prompts = prompts.filter(
            Q(name__icontains=word)
            | Q(description__icontains=word)
            | Q(prompt__icontains=word)
            | _in_tags(word)
        )
    if tag:
        prompts = prompts.filter(_in_tags(tag.replace("\0", ""), whole=True))
    return prompts


def part(prompts: QuerySet[SystemPrompt], after: UUID | None, size: int = PAGE) -> Part:
    """By name."""
    rows = prompts.annotate(place=Lower("name")).order_by("place", "pk")
    if last := rows.filter(pk=after).first() if after else None:
        rows = rows.filter(Q(place__gt=last.place) | Q(place=last.place, pk__gt=last.pk))
    found = list(rows[: size + 1])
    shown = found[:size]
    return Part(shown, shown[-1].pk if len(found) > len(shown) else None)


def offered(user: User, text: str) -> Sequence[SystemPrompt]:
    """For the composer: those whose name begins with the text, then those whose name has it, then
    all others that it finds. `asks` tells whether there may be variables."""
    asks = ExpressionWrapper(Q(prompt__contains="{{"), BooleanField())
    found = search(prompts_of(user), text).defer("prompt").annotate(asks=asks)
    begins = list(found.filter(name__istartswith=text).order_by(Lower("name"))[:MOST_OFFERED])
    named = found.filter(name__icontains=text).order_by(Lower("name"))[: MOST_OFFERED * 2]
    others = found.order_by(Lower("name"))[: MOST_OFFERED * 3]
    return list(dict.fromkeys([*begins, *named, *others]))[:MOST_OFFERED]


def tags_of(prompts: QuerySet[SystemPrompt]) -> list[str]:
    lists: Iterable[list[str]] = prompts.values_list("tags", flat=True)[:MOST_TAGS_READ]
    return sorted({tag for tags in lists for tag in tags})


def _in_tags(text: str, whole: bool = False) -> Q:
    """Databases compare the list as the JSON that it is stored as: SQLite's has other letters than
    those of ASCII as escapes, PostgreSQL's as they are."""
    found = Q()
    for spelled in {json.dumps(text), json.dumps(text, ensure_ascii=False)}:
        found |= Q(tags__icontains=spelled if whole else spelled[1:-1])
    return found
