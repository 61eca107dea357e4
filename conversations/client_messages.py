"""What a page's script says on its socket. Anything else is ignored, whatever it is."""

import json
from dataclasses import dataclass
from typing import Any

LONGEST = 10_000
MOST_LIVE = 100
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Hello:
    last: int
    """The last message in the page; 0 for none."""
    live: list[int]
    """Messages that the page shows as unfinished."""
    sidebar: str
    """The version of the list in the page."""
    is_visible: bool = False
    """Whether somebody may be looking at it."""


@dataclass(frozen=True)
class Hidden:
    """The page is not to be seen any more; when it is again, it says hello."""


@dataclass(frozen=True)
class Seen:
    count: int
    """How many frames the page has drawn since it connected."""


def parse(text: str | None) -> Hello | Hidden | Seen | None:
    if not text or len(text) > LONGEST:
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match said:
        case {"hello": {"last": last, "live": [*live], "sidebar": str(version), **more}} if _is_id(
            last
        ):
            known = [id for id in live if _is_id(id)][:MOST_LIVE]
            return Hello(last, known, version, more.get("visible") is True)
        case {"hidden": True}:
            return Hidden()
        case {"seen": count} if _is_id(count):
            return Seen(count)
    return None


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_ID
