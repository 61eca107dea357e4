"""Constrained sampling: which token may come next in a text that a grammar describes.

llguidance walks the grammar. One token is checked in microseconds, so that the engine samples as
it does without a grammar, and asks for the mask of the whole vocabulary (about a millisecond
where little is allowed, tens where nearly everything is) only when what it sampled is refused.
"""

from functools import lru_cache
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper

from inference.engine.gbnf import GrammarError, compiled, verify

GRAMMARS_KEPT = 16
"""Compiled grammars of one model, as many requests bring the same one."""
SPECIAL = b"\xff"
"""What llguidance knows a special token by; no UTF-8 text has this byte."""


class Vocabulary(Protocol):
    size: int
    ends: npt.NDArray[np.intp]
    """Tokens that end a text."""

    def piece(self, token: int) -> bytes:
        """The token's text; nothing for control tokens."""


class Grammars:
    """The grammars of a loaded model's sequences. Any thread may ask for a constraint.

    The first one takes half a second at a vocabulary of 150,000.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tokenizer: LLTokenizer | None = None
        self._opening = Lock()
        self._matcher = lru_cache(GRAMMARS_KEPT)(self._compile)

    def constraint(self, grammar: str, generated: list[int]) -> "Constraint":
        """For a text that goes on after the `generated` tokens. Raises GrammarError."""
        matcher = self._matcher(grammar).deep_copy()
        if not matcher.consume_tokens(generated):
            raise GrammarError("The beginning of the text does not follow the grammar.")
        return Constraint(matcher, self._vocabulary)

    def _compile(self, grammar: str) -> LLMatcher:
        with self._opening:
            if self._tokenizer is None:
                self._tokenizer = _tokenizer(self._vocabulary)
        return compiled(grammar, self._tokenizer)


class Constraint:
    """Where one sequence's text stands in its grammar. For one thread.

    Every method raises GrammarError for a grammar that turns out to be too ambiguous to be
    followed in bounded time and memory; its sequence can't go on.
    """

    def __init__(self, matcher: LLMatcher, vocabulary: Vocabulary) -> None:
        self._matcher = matcher
        self._size = vocabulary.size
        self._ends = vocabulary.ends
        self._is_end = frozenset(vocabulary.ends.tolist())

    def allows(self, token: int) -> bool:
        """Whether `token` may come next: a token that ends the text, where the text may end."""
        if token in self._is_end:
            return self._matcher.is_accepting()
        allowed = self._matcher.validate_tokens([token]) == 1
        verify(self._matcher)
        return allowed

    def mask(self) -> npt.NDArray[np.bool_]:
        """What `allows` says of each token of the vocabulary."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        verify(self._matcher)
        mask = np.unpackbits(bits, count=self._size, bitorder="little").view(np.bool_)
        mask[self._ends] = self._matcher.is_accepting()
        return mask

    def accept(self, token: int) -> None:
        """Go on after `token`, which is allowed and does not end the text."""
        self._matcher.consume_token(token)
        verify(self._matcher)

    def rollback(self, count: int) -> None:
        """Take back the last `count` accepted tokens."""
        self._matcher.rollback(count)
        verify(self._matcher)


class _Tokens:
    """A vocabulary as llguidance wants it, with a token more, which stands for the end."""

    bos_token_id = None

    def __init__(self, vocabulary: Vocabulary) -> None:
        pieces = [vocabulary.piece(token) for token in range(vocabulary.size)]
        ends = set(vocabulary.ends.tolist())
        self.special_token_ids = [
            token for token, piece in enumerate(pieces) if not piece or token in ends
        ]
        for token in self.special_token_ids:
            pieces[token] = SPECIAL + b"<%d>" % token
        self.eos_token_id = len(pieces)
        self.tokens = [*pieces, SPECIAL + b"<end>"]

    def __call__(self, text: bytes) -> list[int]:
        raise NotImplementedError("only asked for where a grammar forces text")


def _tokenizer(vocabulary: Vocabulary) -> LLTokenizer:
    # Slices speed up grammars with words; with those of gbnf.py they would only cost memory.
    return LLTokenizer(TokenizerWrapper(_Tokens(vocabulary)), slices=[])
