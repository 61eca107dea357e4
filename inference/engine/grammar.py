"""Constrained sampling: which token may come next in a text that a grammar describes.

llguidance walks the grammar. One token is checked in microseconds, so that the engine samples as
it does without a grammar, and asks for the mask of the whole vocabulary (about a millisecond
where little is allowed, tens where nearly everything is) only when what it sampled is refused.

A text is always complete: towards its last token, only what leads to an end is allowed.
"""

from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper

from inference.engine.closing import Closing, Speller, Way, shortest
from inference.engine.lark import (
    CONTROL,
    ENDLESS,
    GrammarError,
    TooFewTokens,
    control_text,
    of_bytes,
    verify,
)
from inference.engine.rules import Rules, compiled

GRAMMARS_KEPT = 16
"""Compiled grammars of one model, as many requests bring the same one."""
SPECIAL = b"\xff"
"""What llguidance knows a special token by; no UTF-8 text has this byte."""


class Vocabulary(Protocol):
    size: int
    ends: npt.NDArray[np.intp]
    """Tokens that end a text."""
    control: dict[str, int]
    """Control tokens by their words."""

    def piece(self, token: int) -> bytes:
        """The token's text; nothing for control tokens."""


class Grammars:
    """The grammars of a loaded model's sequences. Any thread may ask for a constraint.

    Made while the model is loaded, as it takes half a second at a vocabulary of 150,000, and
    nothing else in the process runs for half of that.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._tokens = _Tokens(vocabulary)
        self._tokenizer = self._tokens.tokenizer()
        self._matchers = lru_cache(GRAMMARS_KEPT)(self._compile)

    def constraint(
        self, rules: Rules, generated: list[int], max_tokens: int = 2**31 - 1
    ) -> "Constraint":
        """For a text that goes on after the `generated` tokens, and has `max_tokens` with them.

        Raises GrammarError.
        """
        by_bytes, by_tokens, way = self._matchers(rules)
        if way and way.length > max_tokens:
            raise TooFewTokens(
                f"max_tokens is too small: the answer may have {max_tokens} tokens, and the"
                f" shortest one that is complete has {way.length}."
            )
        exits = _exits(rules)
        closing = Closing(by_bytes.deep_copy(), self._tokens.speller, max_tokens, way, exits)
        refused = frozenset() if rules.kind == "lark" else self._tokens.control
        constraint = Constraint(closing, by_tokens.deep_copy(), self._tokens, refused)
        for token in generated:
            if not (constraint.allows(token) or constraint.may_continue(token)):
                raise GrammarError("The beginning of the text does not follow the grammar.")
            constraint.accept(token)
        return constraint

    def _compile(self, rules: Rules) -> tuple[LLMatcher, LLMatcher, Way | None]:
        """What follows the text in bytes, what makes masks of tokens, and the shortest text."""
        by_bytes = compiled(rules, of_bytes())
        way = shortest(by_bytes, self._tokens.speller, _exits(rules))
        if way is None and rules.kind != "gbnf":
            raise GrammarError(ENDLESS)
        return by_bytes, compiled(rules, self._tokenizer), way


def _exits(rules: Rules) -> list[bytes]:
    return [text.encode() for text in rules.exits]


class Constraint:
    """Where one sequence's text stands in its grammar. For one thread.

    Every method raises GrammarError for a grammar that turns out to be too ambiguous to be
    followed in bounded time and memory; its sequence can't go on.
    """

    def __init__(
        self, closing: Closing, masks: LLMatcher, tokens: "_Tokens", refused: frozenset[int]
    ) -> None:
        self._closing = closing
        self._refused = refused
        self._masks = masks
        self._unmasked: list[int] = []
        """Accepted tokens that the matcher which makes masks has not seen, as few are needed."""
        self._tokens = tokens

    def allows(self, token: int) -> bool:
        """Whether `token` may come next: a token that ends the text, where the text may end."""
        if token in self._tokens.ends:
            return self._closing.matcher.is_accepting()
        piece = self._tokens.pieces[token]
        is_known = bool(piece) and token not in self._refused
        allowed = is_known and self._closing.allows(piece)
        verify(self._closing.matcher)
        return allowed

    def mask(self) -> npt.NDArray[np.bool_]:
        """What the grammar alone allows, of each token of the vocabulary. Towards the last token,
        not all of that leads to an end in time, which `allows` tells."""
        self._masks.consume_tokens(self._unmasked)
        self._unmasked = []
        bits = np.frombuffer(self._masks.compute_bitmask(), np.uint8)
        verify(self._masks)
        size = len(self._tokens.pieces)
        mask = np.unpackbits(bits, count=size, bitorder="little").view(np.bool_)
        mask[list(self._tokens.ends)] = self._masks.is_accepting()
        mask[list(self._refused)] = False
        return mask

    def may_continue(self, token: int) -> bool:
        """Whether the grammar alone allows it, for a text that need not end in time."""
        return self._closing.may_continue(self._tokens.pieces[token])

    def accept(self, token: int) -> None:
        """Go on after `token`, which is allowed and does not end the text."""
        self._closing.accept(self._tokens.pieces[token])
        self._unmasked.append(token)

    def hurry(self) -> bool:
        """Have the text end soon, and complete. False if that can't be."""
        return self._closing.hurry()

    @property
    def way_out(self) -> int | None:
        """The next token on a short way to an end; None if none is known."""
        way = self._closing.way
        if way is None:
            return None
        return way.tokens[0] if way.tokens else min(self._tokens.ends)

    @property
    def is_complete(self) -> bool:
        """Whether the text is at its end, and nothing may come after."""
        return self._closing.matcher.is_stopped()


class _Tokens:
    """A vocabulary as llguidance wants it, with a token more, which stands for the end."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.ends = frozenset(vocabulary.ends.tolist())
        self.control = frozenset(vocabulary.control.values()) - self.ends
        """Those that a grammar may know."""
        pieces = [
            b"" if token in self.ends else vocabulary.piece(token)
            for token in range(vocabulary.size)
        ]
        for token in self.control:
            pieces[token] = control_text(token).encode()
        self.speller = Speller({piece: token for token, piece in enumerate(pieces) if piece})
        self.pieces = [
            b"" if CONTROL in piece and token not in self.control else piece
            for token, piece in enumerate(pieces)
        ]
        """Nothing for what is no text, and for what could pass for a control token."""

    bos_token_id = None

    @property
    def special_token_ids(self) -> list[int]:
        return [token for token, piece in enumerate(self.pieces) if not piece]

    @property
    def eos_token_id(self) -> int:
        return len(self.pieces)

    @property
    def tokens(self) -> list[bytes]:
        named = [piece or SPECIAL + b"<%d>" % token for token, piece in enumerate(self.pieces)]
        return [*named, SPECIAL + b"<end>"]

    def __call__(self, text: bytes) -> list[int]:
        raise NotImplementedError("only asked for where a grammar forces text")

    def tokenizer(self) -> LLTokenizer:
        # Slices would make masks inside strings, which are rarely asked for, many times as fast,
        # and each model's loading a quarter of a second longer.
        return LLTokenizer(TokenizerWrapper(self), slices=[])
