"""What a stretch of KV cache holds, and who may use it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Tokens = npt.NDArray[np.int32]
StateData = bytes | memoryview
"""What was computed of a prefix, as llama.cpp writes it: megabytes, not to be copied about."""


@dataclass(frozen=True, eq=False)
class Prefix:
    """`tokens` were computed for `owner`; the first `public` of them are no secret of anybody."""

    tokens: Tokens
    owner: str = ""
    public: int = 0
    run: str = ""
    """Id of the run it was computed for; when that is deleted, this goes with it."""

    def __len__(self) -> int:
        return len(self.tokens)

    def common(self, other: "Prefix") -> int:
        """How many tokens `other` begins with that it may take from here.

        How long an answer takes to begin tells what is in the cache, so that people share with
        others only what both hold as public.
        """
        most = min(len(self), len(other))
        if self.owner != other.owner:
            most = min(most, self.public, other.public)
        different = np.flatnonzero(self.tokens[:most] != other.tokens[:most])
        common = int(different[0]) if len(different) else most
        return min(_whole(tokens, common) for tokens in (self.tokens, other.tokens))


def _whole(tokens: Tokens, length: int) -> int:
    """As many of the first tokens, without half a view: its ids are below 0, and even except for
    the first, see images.stand_ins."""
    while length < len(tokens) and tokens[length] < 0 and tokens[length] % 2 == 0:
        length -= 1
    return length
