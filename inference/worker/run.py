"""One Generation being worked on: its sequence in the engine, and the text that comes of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from inference.engine.engine import Output
from inference.engine.prompt import Prompt
from inference.engine.sequence import End, Sampling, Sequence
from inference.engine.text import TextAssembler
from inference.models import Generation
from inference.token_log import Tokens
from inference.token_log.events import event_id

Piece = Callable[[int], bytes]


@dataclass(eq=False)
class Run:
    generation: Generation
    sequence: Sequence
    piece: Piece
    prompt_tokens: int
    first_token_at: datetime | None = None
    end: End | None = None
    is_lost: bool = False
    """Another worker has taken over."""
    text: str = ""
    tokens: list[int] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the engine is done with it and all its tokens are in the log."""

    def __post_init__(self) -> None:
        self._assembler = TextAssembler(self.generation.parameters.get("stop", ()))
        self._unlogged: list[int] = []
        self._unlogged_text = ""

    @classmethod
    def begin(
        cls, generation: Generation, prompt: Prompt, earlier: list[int], piece: Piece
    ) -> "Run":
        """`earlier` are the tokens that former attempts generated: go on after them."""
        sequence = Sequence(
            prompt.tokens + earlier,
            prompt.max_tokens,
            _sampling(generation.parameters),
            generated=len(earlier),
        )
        run = cls(generation, sequence, piece, len(prompt.tokens), generation.first_token_at)
        for token in earlier:
            run.text += run._assembler.feed(piece(token))
        run.tokens = list(earlier)
        if run._assembler.stopped:
            run.end = End.STOP
        elif len(earlier) >= prompt.max_tokens:
            run._end(End.LENGTH)
        return run

    def take(self, output: Output) -> None:
        if self.end is not None:
            return
        if output.end is not None:
            self._end(output.end)
        elif output.token is not None:
            self._add(output.token)

    def event(self) -> Tokens | None:
        """What has come since the last call, for the log."""
        if not self._unlogged and not self._unlogged_text:
            return None
        number = len(self.tokens) + (0 if self._unlogged else 1)  # each event's is its own
        id = event_id(self.generation.attempt, number)
        event = Tokens(id, tuple(self._unlogged), self._unlogged_text)
        self._unlogged, self._unlogged_text = [], ""
        return event

    def _add(self, token: int) -> None:
        self.first_token_at = self.first_token_at or timezone.now()
        self.tokens.append(token)
        self._unlogged.append(token)
        self._show(self._assembler.feed(self.piece(token)))
        if self._assembler.stopped:
            self.end = End.STOP

    def _end(self, end: End) -> None:
        self.end = end
        if end is not End.HANDOVER:  # who goes on with it holds the same text back
            self._show(self._assembler.finish())

    def _show(self, text: str) -> None:
        self.text += text
        self._unlogged_text += text


def _sampling(parameters: dict[str, Any]) -> Sampling:
    known = Sampling.__dataclass_fields__
    return Sampling(**{name: value for name, value in parameters.items() if name in known})
