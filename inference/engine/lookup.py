"""Guesses at the next tokens from what the sequence has said before (prompt-lookup decoding,
Saxena 2023). A guess costs little to check, as a step with a few more rows takes little longer."""

from inference.engine.sequence import Sequence

GRAM = 3
"""So many last tokens must have stood together before."""
LONGEST = 12
LONGEST_SURE = 32
"""Where the next tokens are dictated: rows of a step that take little longer than one."""
SHORTEST = 2


class Lookup:
    """Of one sequence. Guesses get longer while they prove right, and shorter when they don't."""

    def __init__(self, sequence: Sequence) -> None:
        self.sequence = sequence
        self._follows: dict[tuple[int, ...], int] = {}
        """Where the tokens after each group of GRAM tokens stand, of the latest such group."""
        self._indexed = sequence.text_from + GRAM
        self._length = SHORTEST

    def draft(self) -> list[int]:
        """What followed the last tokens when they stood together before; often nothing."""
        if self.sequence.dictated is not None:
            at = self.sequence.produced
            return list(self.sequence.forced[at : at + LONGEST_SURE])
        tokens = self.sequence.tokens
        for at in range(self._indexed, len(tokens)):  # not the last group itself
            self._follows[tuple(tokens[at - GRAM : at])] = at
        self._indexed = max(self._indexed, len(tokens))
        start = self._follows.get(tuple(tokens[-GRAM:]))
        return [] if start is None else tokens[start : start + self._length]

    def learn(self, guessed: int, right: int) -> None:
        wanted = 2 * self._length if right == guessed else 2 * right
        self._length = min(LONGEST, max(SHORTEST, wanted))
