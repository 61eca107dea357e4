"""What a stream tells a page."""

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

EMPTY = mark_safe("")


@dataclass(frozen=True, slots=True)
class Frame:
    """What changed on the page; false when nothing did.

    The page has an area of closed blocks, only ever appended to, and after it an open area.
    Either `open` replaces the inside of the open area, or, while that shows a code block, a list
    or a long paragraph, `grown` is appended inside its `.grown` and `last` replaces the inside of
    its `.last`.
    """

    closed: SafeString = EMPTY
    open: SafeString | None = None
    grown: SafeString = EMPTY
    last: SafeString | None = None

    def __bool__(self) -> bool:
        return bool(self.closed or self.grown) or self.open is not None or self.last is not None
