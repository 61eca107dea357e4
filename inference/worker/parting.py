"""How what a model says is told from what it only thinks."""

from collections.abc import Callable, Sequence
from typing import Protocol

from inference.engine.backend import Vocabulary
from inference.engine.prompt import Prompt, extended
from inference.models import Generation
from inference.tools import channels, thoughts
from inference.tools.channels import Channels
from inference.tools.format import Format
from inference.tools.thoughts import Thoughts, opened
from inference.worker.constraints import has_channels

Piece = Callable[[int], bytes]
"""The text of a token, in UTF-8."""
LONGEST_END = 16
"""Tokens of a prompt's end that may open a thought."""


class Parting(Protocol):
    """Of one answer."""

    @property
    def held(self) -> int:
        """Characters that may yet turn out to be said."""

    @property
    def says_the_rest(self) -> bool:
        """Whether all is said from here on."""

    def feed(self, piece: bytes) -> tuple[bytes, bytes]:
        """What is said and what is thought, as far as that is sure."""

    def finish(self) -> tuple[bytes, bytes]:
        """What was held back, once it is sure that no more comes."""


def piece_of(generation: Generation, vocabulary: Vocabulary, format: Format | None) -> Piece:
    """The text of each token, with that of the control tokens which mark calls, channels and
    thoughts."""
    control = vocabulary.control
    marks = format.control_tokens(control) if format else {}
    if has_channels(generation, vocabulary):
        marks |= vocabulary.format.control_tokens(control) | channels.words_of(control)
    elif generation.kind == Generation.Kind.CHAT:
        marks |= thoughts.words_of(vocabulary.thoughts, control)
    if not marks:
        return vocabulary.piece
    texts = {token: word.encode() for token, word in marks.items()}
    return lambda token: texts.get(token) or vocabulary.piece(token)


def parting_of(
    generation: Generation, vocabulary: Vocabulary, prompt: Prompt, piece: Piece
) -> Parting | None:
    """None: all of it is said. A look into an answer shows its tokens as they are."""
    if generation.kind != Generation.Kind.CHAT or generation.source == Generation.Source.INSPECT:
        return None
    if has_channels(generation, vocabulary):
        return Channels()
    if _is_constrained(generation):
        return None
    marks = vocabulary.thoughts
    return Thoughts(marks, opened(_end(prompt, piece), marks))


def ready_to_speak(
    generation: Generation, vocabulary: Vocabulary, prompt: Prompt, piece: Piece
) -> Prompt:
    """The prompt with the thought that it opens closed, where the answer has to begin at once: it
    is constrained, or a text that it is to begin with is given. Raises PromptTooLong."""
    if not (_is_constrained(generation) or isinstance(generation.begun, str)):
        return prompt
    if found := opened(_end(prompt, piece), vocabulary.thoughts):
        text = f"{found.closing}\n\n"
        return extended(prompt, text, vocabulary.tokenize_on(text), vocabulary.context)
    return prompt


def _is_constrained(generation: Generation) -> bool:
    """Whether its first token already is."""
    parameters, choice = generation.parameters, generation.tools.get("choice", "none")
    is_wanted = parameters.get("grammar") or parameters.get("json_schema") is not None
    return bool(is_wanted) or choice not in ("none", "auto")


def _end(prompt: Prompt, piece: Piece) -> bytes:
    """Of what stands before the answer."""
    first = prompt.images[-1].end if prompt.images else 0
    last = len(prompt.tokens) - len(prompt.begun)
    tokens: Sequence[int] = prompt.tokens[max(first, last - LONGEST_END) : last]
    return b"".join(map(piece, tokens))
