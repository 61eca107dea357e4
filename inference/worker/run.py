"""One Generation being worked on: its sequence in the engine, and the text that comes of it."""

import threading
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
from inference.worker.parting import Parting, Piece


@dataclass(eq=False)
class Run:
    generation: Generation
    sequence: Sequence
    piece: Piece
    prompt: Prompt
    parting: Parting | None = None
    """Takes out what the model only thinks, if that may be among what it says."""
    first_token_at: datetime | None = None
    end: End | None = None
    is_lost: bool = False
    """Another worker has taken over."""
    text: str = ""
    thought: str = ""
    thinking_seconds: float | None = None
    """From its first token to the end of its thoughts, once they have ended."""
    tokens: list[int] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the engine is done with it and all its tokens are in the log."""

    def __post_init__(self) -> None:
        self._assembler = TextAssembler(self.generation.parameters.get("stop", ()))
        self._thinking = TextAssembler()
        self._begun = b"".join(map(self.piece, self.prompt.begun))
        said, thought = self._parted(self._begun)
        self._assembler.go_on_after(said)
        self._thinking.go_on_after(thought)
        self._said_before = said.decode(errors="ignore")
        self._unlogged: list[int] = []
        self._unlogged_text = self._unlogged_thought = ""
        self._unlogged_logprobs: list[TokenLogprob] = []
        self._doubtful_logprobs: list[TokenLogprob] = []
        """Of tokens that may yet turn out to be no part of the answer."""
        self._has_told_seconds = False

    @classmethod
    def begin(
        cls,
        generation: Generation,
        prompt: Prompt,
        former: list[Tokens],
        piece: Piece,
        parting: Parting | None = None,
    ) -> "Run":
        """`former` is what earlier attempts generated: go on after it."""
        earlier = [token for event in former for token in event.ids]
        sequence = Sequence(
            prompt.tokens + earlier,
            prompt.max_tokens,
            _sampling(generation.parameters),
            generated=len(earlier),
            owner=str(generation.user_id),
            public=prompt.public,
            run=str(generation.pk),
            forced=prompt.forced,
            images=prompt.images,
        )
        run = cls(generation, sequence, piece, prompt, parting, generation.first_token_at)
        for token in earlier:
            said, thought = run._parted(piece(token))
            run.text += run._assembler.feed(said)
            run.thought += run._thinking.feed(thought)
        told = [event.thinking_seconds for event in former if event.thinking_seconds is not None]
        run.thinking_seconds = next(iter(told), None)
        run._has_told_seconds = bool(told)
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
        answer = b"".join([self._begun, *map(self.piece, self.tokens)])
        if not self.prompt.text or answer != self.answer.encode():
            return None
        tokens = self.prompt.tokens + self.tokens
        return Transcript(self.prompt.text + self.answer, tokens, self.sequence.owner)

    @property
    def answer(self) -> str:
        """With what it goes on after."""
        return self._said_before + self.text

    def take(self, output: Output) -> None:
        if self.end is not None:
            return
        if output.end is not None:
            self._end(output.end)
        elif output.token is not None:
            self._add(output.token, output.likelihood)

    def event(self) -> Tokens | None:
        """What has come since the last call, for the log."""
        if not (self._unlogged or self._unlogged_text or self._unlogged_thought):
            return None
        number = len(self.tokens) + (0 if self._unlogged else 1)  # each event's is its own
        id = event_id(self.generation.attempt, number)
        logprobs = tuple(self._unlogged_logprobs)
        ids, text, stop = tuple(self._unlogged), self._unlogged_text, self._assembler.stop
        event = Tokens(
            id, ids, text, logprobs, stop, self._unlogged_thought, self._untold_seconds()
        )
        self._unlogged, self._unlogged_text, self._unlogged_logprobs = [], "", []
        self._unlogged_thought = ""
        return event

    def _add(self, token: int, likelihood: Likelihood | None) -> None:
        self.first_token_at = self.first_token_at or timezone.now()
        self.tokens.append(token)
        self._unlogged.append(token)
        told = self._logprob(token, likelihood) if likelihood else None
        said, thought = self._parted(self.piece(token))
        if told:
            self._note(told, bool(said))
        self._think(self._thinking.feed(thought))
        if said:
            self._note_end_of_thoughts()
        self._show(self._assembler.feed(said))
        if self._assembler.stopped:
            self.end = End.STOP

    def _end(self, end: End) -> None:
        self.end = end
        if end is End.HANDOVER:  # who goes on with it holds the same text back
            return
        if self.parting:
            said, thought = self.parting.finish()
            self._think(self._thinking.feed(thought) + self._thinking.finish())
            self._show(self._assembler.feed(said))
            if said:
                self._unlogged_logprobs += self._doubtful_logprobs
        self._note_end_of_thoughts()
        self._show(self._assembler.finish())

    def _parted(self, piece: bytes) -> tuple[bytes, bytes]:
        """What is said, and what is only thought."""
        return self.parting.feed(piece) if self.parting else (piece, b"")

    def _think(self, text: str) -> None:
        self.thought += text
        self._unlogged_thought += text

    def _note_end_of_thoughts(self) -> None:
        if self.thought and self.thinking_seconds is None and self.first_token_at:
            span = timezone.now() - self.first_token_at
            self.thinking_seconds = span.total_seconds()

    def _untold_seconds(self) -> float | None:
        if self._has_told_seconds or self.thinking_seconds is None:
            return None
        self._has_told_seconds = True
        return self.thinking_seconds

    def _note(self, told: TokenLogprob, is_said: bool) -> None:
        """Only what is said is told of."""
        if self.parting is None or self.parting.says_the_rest or is_said:
            self._unlogged_logprobs += [*self._doubtful_logprobs, told]
            self._doubtful_logprobs = []
        elif self.parting.held:
            self._doubtful_logprobs.append(told)
        else:
            self._doubtful_logprobs = []

    def _show(self, text: str) -> None:
        self.text += text
        self._unlogged_text += text

    def _logprob(self, token: int, likelihood: Likelihood) -> TokenLogprob:
        """Of a token whose text comes next."""
        return TokenLogprob(
            Candidate(self.piece(token), likelihood.logprob, token),
            tuple(
                Candidate(self.piece(other), logprob, other) for other, logprob in likelihood.top
            ),
            place=len(self.text)
            + self._assembler.held
            + (self.parting.held if self.parting else 0),
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
