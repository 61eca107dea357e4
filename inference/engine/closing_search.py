"""The search for a short text that brings another to its end, by what a matcher of bytes allows."""

import time
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count, islice

from llguidance import LLMatcher

from inference.engine.lark import of_bytes

NEARBY, ANYWHERE = 400, 6_000
"""Steps of a search from a known way, and from nowhere: 5 and 100 ms."""
SECONDS = 0.2
"""Of the processor: most that a search may take, where each of its steps is slow."""
MANY = 64
"""Where more bytes than this may come next, most of them are as good as each other."""
SAMPLES = rb'}]"0:,1-.+@/aAzZ'
"""For those many; what closes something comes first."""
OPENING = b"([{<"
SPACE = b" \n\r\t"
MARKS = b'"}],'
PARTS = 4
DETOUR = 16
"""How long a byte counts as, where another one leads out of what is open."""
END = of_bytes().eos_token


class Search:
    """For the shortest text that brings another to its end.

    In the order of length. Of two texts of the same length that may go on with the same bytes, one
    is followed. Where a value of JSON has ended, what led there is taken as decided, as one value
    seldom bears on the next, and only brackets that can be closed are closed; strings as well. So
    it finds what is shortest in most of JSON, and something short elsewhere.
    """

    def __init__(
        self,
        matcher: LLMatcher,
        alphabet: list[int],
        begun: bytes = b"",
        known: bytes = b"",
        exits: Sequence[bytes] = (),
    ) -> None:
        """For a text that goes on with `begun`. The last part of `known` may end it. `exits` are
        the texts that lead out of others in which nearly anything may stand."""
        self._matcher = matcher.deep_copy()
        self._matcher.consume_tokens(list(begun))
        self._at = b""
        self._alphabet = alphabet
        self._known = [(part, [*part, END]) for part in _last_parts(known)]
        self._exits = exits
        self._until = time.thread_time() + SECONDS

    def run(self, steps: int) -> bytes | None:
        """None if there is nothing that so many steps find."""
        order = count()
        heap: list[tuple[int, int, bytes]] = [(0, 0, b"")]
        seen: set[tuple[int, int]] = set()
        for _ in range(steps):
            if not heap or time.thread_time() > self._until:
                return None
            length, _order, text = heappop(heap)
            self._go_to(text)
            if self._matcher.is_accepting():
                return text
            for part, written in self._known:
                if self._matcher.validate_tokens(written) == len(written):
                    return text + part
            allowed = self._allowed()
            exits = self._ways_out(text)
            if self._exits and not exits and (forced := self._forced(text)):
                heappush(heap, (length + len(forced), next(order), text + forced))
                continue
            if (length, allowed) in seen:
                continue
            seen.add((length, allowed))
            if _has_ended(allowed) and not self._exits:
                heap = []
            for way in exits:
                heappush(heap, (length + len(way), next(order), text + way))
            wanted = _wanted(allowed)
            for byte in self._choices(allowed):
                step = DETOUR if exits or (wanted and byte not in wanted) else 1
                heappush(heap, (length + step, next(order), text + bytes([byte])))
        return None

    def _ways_out(self, text: bytes) -> list[bytes]:
        """Those of the exits that lead out of a text. In a string, they may stand, and do not."""
        return [way for way in self._exits if self._leads_out(text, way)]

    def _leads_out(self, text: bytes, way: bytes) -> bool:
        self._go_to(text)
        if self._matcher.validate_tokens(list(way)) < len(way):
            return False
        self._go_to(text + way)
        return self._allowed().bit_count() <= MANY

    def _forced(self, text: bytes) -> bytes:
        """What can only come next. In tags that is much, and many of its places look the same."""
        self._go_to(text)
        forced = b""
        while (allowed := self._allowed()).bit_count() == 1 and not self._matcher.is_accepting():
            forced += bytes([allowed.bit_length() - 1])
            self._go_to(text + forced)
        return forced

    def _allowed(self) -> int:
        return int.from_bytes(self._matcher.compute_bitmask(), "little")

    def _go_to(self, text: bytes) -> None:
        common = 0
        for one, other in zip(self._at, text, strict=False):
            if one != other:
                break
            common += 1
        if common < len(self._at):
            self._matcher.rollback(len(self._at) - common)
        self._matcher.consume_tokens(list(text[common:]))
        self._at = text

    def _choices(self, allowed: int) -> list[int]:
        """Which bytes to try, the best first."""
        choices = [byte for byte in self._alphabet if allowed >> byte & 1]
        if len(choices) > MANY:
            choices = [byte for byte in choices if byte in SAMPLES] or choices[:MANY]
        choices = [byte for byte in choices if byte not in SPACE] or choices
        return sorted(choices, key=_rank)


def _last_parts(known: bytes) -> list[bytes]:
    """The shortest first: all of it, and what comes after the next few strings and values. What
    fills a string is the same byte many times, and nothing begins within that."""
    marks = (at for at in range(1, len(known)) if known[at] in MARKS and not _is_within(known, at))
    return [known[at:] for at in [0, *islice(marks, PARTS)][::-1]] if known else []


def _is_within(text: bytes, at: int) -> bool:
    """Whether the same byte stands before that place and after it."""
    return text[at - 1 : at + 2] == text[at : at + 1] * 3


def _rank(byte: int) -> int:
    """What closes something comes first, what opens something last."""
    place = SAMPLES.find(byte)
    return place if place >= 0 else len(SAMPLES) + (byte in OPENING)


def _set(bytes: bytes) -> int:
    """As matchers tell what is allowed: a bit for each."""
    return sum(1 << byte for byte in bytes)


BETWEEN = _set(b' \n\r\t{}[],:"-.0123456789eEtfn')
"""What may stand between the values of JSON, begin one, and go on with a number."""
CLOSING, COMMA, QUOTE = _set(b"}]"), _set(b","), _set(b'"')


def _has_ended(allowed: int) -> bool:
    """Whether a value has ended, or begun with a bracket that may be closed at once."""
    is_outside = not allowed & ~BETWEEN and not (allowed & COMMA and allowed & QUOTE)
    return is_outside and bool(allowed & (CLOSING | COMMA))


def _wanted(allowed: int) -> bytes:
    """What closes a bracket or a string, or leads to the next value that there must be."""
    if _has_ended(allowed):
        return b"}]" if allowed & CLOSING else b","
    is_string = allowed & QUOTE and allowed & ~BETWEEN
    return b'"' if is_string else b""
