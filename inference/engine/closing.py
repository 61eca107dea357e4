"""How to bring a text to its end: what may still be written, in bytes and in few tokens.

A text may go on with a token only if the tokens left after it suffice for some way to the end. One
way is known all the time. It mostly stays one when the text goes on, which takes microseconds to
check; a new one is searched where something was opened. The search is over bytes, as a matcher of
bytes says in a microsecond what may come next, and every way that it finds can be spelled in the
model's tokens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llguidance import LLMatcher

from inference.engine.closing_search import ANYWHERE, END, NEARBY, Search
from inference.engine.lark import verify

LONGEST_PIECE = 16
"""Bytes of a token that is of use here."""
SOON = 256
"""Tokens to spare for the known way to the end, below which nothing is allowed any more that no way
is found from. Grammars that are no JSON have such places."""
SHORTER = 1_500
"""Steps of a search for a shorter way than the known one, which may be for every token: 25 ms."""
HURRIED = 64
"""Most tokens that a text whose time is over may still have."""


@dataclass(frozen=True)
class Way:
    """A text, and the fewest tokens that spell it from each place in it."""

    text: bytes
    tokens: list[int]
    """The first one from each place."""
    lengths: list[int]
    """How many from each place; one more, which is 0."""

    @property
    def length(self) -> int:
        """In tokens."""
        return self.lengths[0]

    def after(self, count: int) -> "Way":
        """Without the first `count` bytes."""
        return Way(self.text[count:], self.tokens[count:], self.lengths[count:])


class Speller:
    """Spells texts in a model's tokens."""

    def __init__(self, tokens: Mapping[bytes, int]) -> None:
        self._tokens = {piece: id for piece, id in tokens.items() if len(piece) <= LONGEST_PIECE}
        self.alphabet = [byte for byte in range(256) if bytes([byte]) in self._tokens]
        """Any text of these bytes can be spelled."""

    def way(self, text: bytes) -> Way:
        """`text` is of the alphabet."""
        tokens: list[int] = []
        lengths = [0]  # both from the end
        for at in reversed(range(len(text))):
            length, token = min(self._spellings(text, at, lengths))
            tokens.append(token)
            lengths.append(length)
        return Way(text, tokens[::-1], lengths[::-1])

    def _spellings(self, text: bytes, at: int, lengths: list[int]) -> list[tuple[int, int]]:
        """How many tokens follow from `at`, and the first of them, for each first one."""
        most = min(LONGEST_PIECE, len(text) - at)
        return [
            (lengths[-size] + 1, token)
            for size in range(1, most + 1)
            if (token := self._tokens.get(text[at : at + size])) is not None
        ]


def shortest(
    matcher: LLMatcher, speller: Speller, exits: Sequence[bytes] = (), steps: int = ANYWHERE
) -> Way | None:
    """A way to the end from where the matcher is, as short as a search of so many steps finds."""
    text = Search(matcher, speller.alphabet, exits=exits).run(steps)
    return None if text is None else speller.way(text)


class Closing:
    """Where a text stands that must be complete within so many tokens, and one way to its end."""

    def __init__(
        self,
        matcher: LLMatcher,
        speller: Speller,
        left: int,
        way: Way | None,
        exits: Sequence[bytes] = (),
    ) -> None:
        """`matcher` is one of bytes, and of this object alone; for `exits` see Search. Its methods
        raise GrammarError."""
        self.matcher = matcher
        self.left = left
        """Tokens that may still be written."""
        self._speller = speller
        self._exits = exits
        self._ahead: tuple[bytes, Way | None] | None = None
        self._is_shortest = True
        self.way = way
        """To the end; None while none is known: then the text goes on, and may be cut off."""

    def allows(self, piece: bytes) -> bool:
        """Whether the text may go on with a token of these bytes, and come to its end in time."""
        ahead = self._look_ahead(piece)
        if ahead and ahead.length >= self.left and not self._is_shortest:
            self._shorten()
            ahead = self._look_ahead(piece)
        if ahead is None and (self.way is None or self.left - self.way.length > SOON):
            return self.may_continue(piece)
        return ahead is not None and ahead.length < self.left

    def may_continue(self, piece: bytes) -> bool:
        """Whether the text may go on so, however many tokens it then takes to end it."""
        return self.matcher.validate_tokens(list(piece)) == len(piece)

    def accept(self, piece: bytes) -> None:
        """Go on after a token of these bytes, which is allowed."""
        way = self._look_ahead(piece)
        self.matcher.consume_tokens(list(piece))
        verify(self.matcher)
        self.left -= 1
        if self.way is None or not self.way.text.startswith(piece):  # what is left of it stays so
            self._is_shortest = False
        self.way, self._ahead = way, None
        if way is None and self.left & (self.left - 1) == 0:  # now and then
            self.way = shortest(self.matcher, self._speller, self._exits)

    def hurry(self) -> bool:
        """Allow nothing but a short way to the end. False if there is none to go."""
        if self.way is None or not 0 < self.way.length <= HURRIED:
            return False
        self.left = min(self.left, self.way.length)
        return True

    def _look_ahead(self, piece: bytes) -> Way | None:
        """A way to the end after `piece`; None if there is none, or none was found."""
        if self._ahead is None or self._ahead[0] != piece:
            self._ahead = piece, self._way_after(piece)
        return self._ahead[1]

    def _way_after(self, piece: bytes) -> Way | None:
        way = self.way
        if way is None:
            return None
        if way.text.startswith(piece):
            return way.after(len(piece))
        followed = self._followed(piece + way.text)
        if followed > len(piece + way.text):
            return way
        if followed < len(piece):
            return None
        instead = way.after(min(len(piece), len(way.text)))
        if self._followed(piece + instead.text) > len(piece + instead.text):
            return instead
        search = Search(self.matcher, self._speller.alphabet, piece, way.text, self._exits)
        text = search.run(NEARBY)
        return None if text is None else self._speller.way(text)

    def _followed(self, text: bytes) -> int:
        """How far the text may go on so; one more than its length, if it may end then."""
        return self.matcher.validate_tokens([*text, END])

    def _shorten(self) -> None:
        self._is_shortest = True
        found = shortest(self.matcher, self._speller, self._exits, SHORTER)
        if self.way and found and found.length < self.way.length:
            self.way, self._ahead = found, None
