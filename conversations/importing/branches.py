"""From messages that name what they follow to a list in which each comes after it."""

import heapq
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from conversations.importing.imported import ImportedMessage, Unreadable

Key = TypeVar("Key", bound=Hashable)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry(Generic[Key]):
    parent: Key | None
    message: ImportedMessage | None
    """None if it isn't shown here: what follows it follows the one before it."""
    at: datetime | None = None
    """When it was written, as far as is known."""


def grown(
    entries: Mapping[Key, Entry[Key]], leaf: Key | None, place: str
) -> tuple[list[ImportedMessage], int | None]:
    """The messages that are shown, as they were written, and the place of the leaf among them: of
    the last one, if none is named. Raises Unreadable unless they form a tree."""
    above = _shown_above(entries, place)
    if leaf is not None and leaf not in entries:
        raise Unreadable(place, _("The messages are not a tree."))
    order = _order(entries, above)
    places = {key: number for number, key in enumerate(order)}
    messages = []
    for key in order:
        message, parent = entries[key].message, above[key]
        if message:
            messages.append(replace(message, parent=None if parent is None else places[parent]))
    last = leaf if leaf is None or entries[leaf].message else above[leaf]
    return messages, len(messages) - 1 if last is None else places[last]


def _shown_above(entries: Mapping[Key, Entry[Key]], place: str) -> dict[Key, Key | None]:
    """Of each entry, the nearest one above it that is shown."""
    known: dict[Key, Key | None] = {}
    for start in entries:
        path: list[Key] = []
        key: Key | None = start
        while key is not None and key not in known:
            if key not in entries or len(path) > len(entries):
                raise Unreadable(place, _("The messages are not a tree."))
            path.append(key)
            key = entries[key].parent
        for each in reversed(path):
            parent = entries[each].parent
            hidden = parent is not None and entries[parent].message is None
            known[each] = known[parent] if parent is not None and hidden else parent
    return known


def _order(entries: Mapping[Key, Entry[Key]], above: Mapping[Key, Key | None]) -> list[Key]:
    """By time, but none before the one that it follows."""
    below: dict[Key | None, list[int]] = defaultdict(list)
    keys = list(entries)
    for number, key in enumerate(keys):
        if entries[key].message:
            below[above[key]].append(number)
    heap = [(entries[keys[number]].at or EARLIEST, number) for number in below[None]]
    heapq.heapify(heap)
    order = []
    while heap:
        moment, number = heapq.heappop(heap)
        order.append(keys[number])
        for next in below[keys[number]]:
            heapq.heappush(heap, (max(moment, entries[keys[next]].at or moment), next))
    return order
