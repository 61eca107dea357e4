"""One Generation being worked on: its sequence in the engine, and the text that comes of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from inference.engine.engine import Output
from inference.engine.prompt import Prompt
from inference.engine.sequence import End, Likelihood, Sampling, Sequence
from inference.engine.text import TextAssembler
from inference.engine.transcripts import Transcript
from inference.models import Generation
from inference.token_log import Candidate, TokenLogprob, Tokens
from inference.token_log.events import event_id

Piece = Callable[[int], bytes]


@dataclass(eq=False)
class Run:
    generation: Generation
    sequence: Sequence
    piece: Piece
    prompt: Prompt
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
        self._unlogged_logprobs: list[TokenLogprob] = []

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
            owner=str(generation.user_id),
            public=prompt.public,
            run=str(generation.pk),
        )
        run = cls(generation, sequence, piece, prompt, generation.first_token_at)
        for token in earlier:
            run.text += run._assembler.feed(piece(token))
        run.tokens = list(earlier)
        if run._assembler.stopped:
            run.end = End.STOP
        elif len(earlier) >= prompt.max_tokens:
            run._end(End.LENGTH)
        return run

    @property
    def prompt_tokens(self) -> int:
        return len(self.prompt.tokens)

    @property
    def cached_tokens(self) -> int:
        """Tokens of the prompt that had not to be evaluated, when it was read first."""
        if self.generation.attempt > 1:
            return self.generation.cached_tokens
        return min(self.sequence.reused or 0, self.prompt_tokens)

    def transcript(self) -> Transcript | None:
        """Text and tokens of prompt and answer; None where they are not of the same length, as
        after a stop string or half a character, or where only the prompt's tokens are known."""
        if not self.prompt.text or b"".join(map(self.piece, self.tokens)) != self.text.encode():
            return None
        tokens = self.prompt.tokens + self.tokens
        return Transcript(self.prompt.text + self.text, tokens, self.sequence.owner)

    def take(self, output: Output) -> None:
        if self.end is not None:
            return
        if output.end is not None:
            self._end(output.end)
        elif output.token is not None:
            self._add(output.token, output.likelihood)

    def event(self) -> Tokens | None:
        """What has come since the last call, for the log."""
        if not self._unlogged and not self._unlogged_text:
            return None
        number = len(self.tokens) + (0 if self._unlogged else 1)  # each event's is its own
        id = event_id(self.generation.attempt, number)
        logprobs = tuple(self._unlogged_logprobs)
        ids, text, stop = tuple(self._unlogged), self._unlogged_text, self._assembler.stop
        event = Tokens(id, ids, text, logprobs, stop)
        self._unlogged, self._unlogged_text, self._unlogged_logprobs = [], "", []
        return event

    def _add(self, token: int, likelihood: Likelihood | None) -> None:
        self.first_token_at = self.first_token_at or timezone.now()
        self.tokens.append(token)
        self._unlogged.append(token)
        if likelihood is not None:
            self._unlogged_logprobs.append(self._logprob(token, likelihood))
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

    def _logprob(self, token: int, likelihood: Likelihood) -> TokenLogprob:
        """Of a token whose text comes next."""
        return TokenLogprob(
            Candidate(self.piece(token), likelihood.logprob),
            tuple(Candidate(self.piece(other), logprob) for other, logprob in likelihood.top),
            place=len(self.text) + self._assembler.held,
        )


def _sampling(parameters: dict[str, Any]) -> Sampling:
    """A run's parameters are in JSON, with OpenAI's names."""
    known = Sampling.__dataclass_fields__
    values = {name: value for name, value in parameters.items() if name in known}
    bias = parameters.get("logit_bias", {})
    values["logit_bias"] = tuple((int(token), value) for token, value in bias.items())
    if parameters.get("logprobs"):
        values["alternatives"] = parameters.get("top_logprobs", 0)
    return Sampling(**values)
