"""What the answers of a model are written after: the tokens that its runs begin with."""

from dataclasses import dataclass

from inference.engine.backend import Vocabulary
from inference.engine.continuation import as_it_is, known
from inference.engine.illustrated import fit_with_images
from inference.engine.prompt import Prompt, after, fit, next_turn, to_score
from inference.engine.transcripts import Reader, Transcript, Transcripts
from inference.models import Generation
from inference.worker.images import Pictures
from inference.worker.parting import Piece, ready_to_speak
from inference.worker.run import Run


@dataclass(frozen=True)
class Prompts:
    """Of one model. Any thread may call."""

    vocabulary: Vocabulary
    transcripts: Transcripts
    pictures: Pictures

    def of(self, generation: Generation, piece: Piece) -> Prompt:
        """Raises PromptTooLong, UnknownToken, Refused, and whatever the model's template raises."""
        limit = int(generation.parameters["max_tokens"])
        tokenizer = self._reader(str(generation.user_id))
        if generation.kind == Generation.Kind.TEXT:
            return as_it_is(generation.prompt, tokenizer, self.vocabulary, limit)
        begun = self._begun(generation)
        prompt = self._fit(generation, tokenizer, limit + len(begun))
        prompt = ready_to_speak(generation, self.vocabulary, prompt, piece)
        if generation.kind == Generation.Kind.SCORE:
            return to_score(prompt, begun, tokenizer.context)
        return after(prompt, begun, limit, tokenizer.context) if begun else prompt

    def next_turn(self, run: Run, transcript: Transcript) -> list[int] | None:
        """What the chat's next turn begins with; None if nothing is known of it beyond what the
        transcript has."""
        if run.generation.kind != Generation.Kind.CHAT:
            return None
        chat, tools = run.generation.messages, run.generation.tools
        try:
            tokens = next_turn(chat, run.answer, self._reader(transcript.owner), tools)
        except Exception:  # a template may refuse a turn that nobody has asked for
            return None
        there, context = len(transcript.tokens), self.vocabulary.context
        if tokens[:there] != transcript.tokens or not there < len(tokens) < context:
            return None  # old turns were dropped from this prompt, or will be from the next
        return tokens

    def _reader(self, owner: str) -> Reader:
        return Reader(self.vocabulary, self.transcripts, owner)

    def _fit(self, generation: Generation, tokenizer: Reader, limit: int) -> Prompt:
        chat, public, tools = generation.messages, generation.public_messages, generation.tools
        if generation.has_images:
            pictures = self.pictures.of(generation)
            return fit_with_images(chat, pictures, self.vocabulary, limit, public, tools)
        return fit(chat, tokenizer, limit, public, tools)

    def _begun(self, generation: Generation) -> list[int]:
        """Raises UnknownToken."""
        begun = generation.begun or []
        if isinstance(begun, str):
            return self.vocabulary.tokenize_on(begun)
        return known(begun, self.vocabulary)
