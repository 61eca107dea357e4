"""From tokens to text that may be shown: whole characters, and nothing of a stop string."""

import codecs
from collections.abc import Sequence


class TextAssembler:
    """Feed it the bytes of each token; it returns the text that is certain by then."""

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self.stop = ""
        """The stop string that came first, once one has."""
        self._stops = stops
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    @property
    def stopped(self) -> bool:
        return bool(self.stop)

    @property
    def held(self) -> int:
        """Characters that are known and not shown yet."""
        return len(self._held)

    def go_on_after(self, text: bytes) -> None:
        """What was shown elsewhere: of a character that it ends within, the rest is to come."""
        self._decoder.decode(text)

    def feed(self, piece: bytes) -> str:
        """The text to show now; `stopped` turns true at the first stop string."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(piece)
        found = [(at, stop) for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            at, self.stop = min(found)
            return self._take(at)
        return self._take(len(self._held) - self._doubtful())

    def finish(self) -> str:
        """What was held back, once it is sure that no more comes."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(b"", final=True)
        return self._take(len(self._held))

    def _take(self, count: int) -> str:
        taken, self._held = self._held[:count], self._held[count:]
        return taken

    def _doubtful(self) -> int:
        """Length of the longest tail that may turn out to be the beginning of a stop string."""
        return max((_overlap(self._held, stop) for stop in self._stops), default=0)


def _overlap(text: str, stop: str) -> int:
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
