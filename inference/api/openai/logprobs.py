"""Log-probabilities of an answer's tokens, told with their texts."""

from collections import deque
from typing import Any

from inference.token_log import Candidate, TokenLogprob, Tokens

LEAST_LOGPROB = -9999.0
"""Stands for minus infinity, which JSON does not have, as in OpenAI's answers."""


class ShownTokens:
    """The log-probabilities of one answer's tokens, each told with the text that its own begins
    in. That may come later than the token, while text is held back for a stop string; a token of
    which nothing is ever shown, as it belongs to the stop string, is not told."""

    def __init__(self) -> None:
        self._waiting: deque[TokenLogprob] = deque()
        self._shown = 0

    def due(self, tokens: Tokens) -> list[TokenLogprob]:
        """Those that are due with the text of this event."""
        self._waiting += tokens.logprobs
        self._shown += len(tokens.text)
        due = []
        while self._waiting and self._waiting[0].place < self._shown:
            due.append(self._waiting.popleft())
        return due

    def take(self, tokens: Tokens) -> list[dict[str, Any]]:
        """The same, as chat completions tell them."""
        return [of_chat(token) for token in self.due(tokens)]


def of_chat(token: TokenLogprob) -> dict[str, Any]:
    return _candidate(token.chosen) | {"top_logprobs": [_candidate(other) for other in token.top]}


def of_text(tokens: list[TokenLogprob], offset: int) -> dict[str, Any]:
    """As completions of texts tell them. `offset` is the length of what is told before the first
    generated character."""
    return {
        "tokens": [_word(token.chosen) for token in tokens],
        "token_logprobs": [_finite(token.chosen) for token in tokens],
        "top_logprobs": [
            {_word(other): _finite(other) for other in (*token.top, token.chosen)}
            for token in tokens
        ],
        "text_offset": [offset + token.place for token in tokens],
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    """A part of a character has its bytes, and a sign in place of its text."""
    return {
        "token": candidate.piece.decode("utf-8", "replace"),
        "logprob": _finite(candidate),
        "bytes": list(candidate.piece),
    }


def _word(candidate: Candidate) -> str:
    """A token's text; for a part of a character, `bytes:` and its bytes, as OpenAI writes them."""
    try:
        return candidate.piece.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in candidate.piece)


def _finite(candidate: Candidate) -> float:
    return max(candidate.logprob, LEAST_LOGPROB)
