"""Runs that make vectors of texts, on a model that a worker has loaded."""

import threading
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.utils.translation import gettext as _

from inference.engine.backend import Backend
from inference.engine.embedding import NoEmbeddings, Request, Text
from inference.engine.embedding_loop import Embeddings
from inference.engine.engine import Engine
from inference.engine.llama import LoadError
from inference.engine.sequence import End
from inference.models import Generation
from inference.token_log import Embedded, Started, TokenLog
from inference.token_log.events import event_id
from inference.worker.publisher import publish


class Refused(Exception):
    """The model can't do what the run asks for. The message is a sentence for people."""

    def __init__(
        self, message: str, reason: Generation.Reason = Generation.Reason.UNREADABLE
    ) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(eq=False)
class EmbeddingRun:
    """Like a Run for whoever waits for its end; it generates no tokens."""

    generation: Generation
    request: Request
    is_lost: bool = False
    """Another worker has taken over."""
    text: str = ""
    thought: str = ""
    thinking_seconds: float | None = None
    tokens: tuple[int, ...] = ()
    cached_tokens: int = 0
    first_token_at: datetime | None = None
    over: threading.Event = field(default_factory=threading.Event)
    """Set when it has ended and its vectors are in the log."""

    @property
    def end(self) -> End | None:
        return self.request.end

    @property
    def prompt_tokens(self) -> int:
        return self.request.tokens

    def event(self) -> Embedded | None:
        """All its vectors at once."""
        vectors = [text.vector for text in self.request.texts if text.vector is not None]
        if len(vectors) < len(self.request.texts):
            return None
        rows = np.stack(vectors).astype("<f4")
        return Embedded(event_id(self.generation.attempt, 1), rows.shape[1], rows.tobytes())


class EmbeddingRuns:
    """Of one loaded model. What they need of it is opened when the first one starts."""

    def __init__(self, backend: Backend, engine: Engine, log: TokenLog) -> None:
        self._backend = backend
        self._engine = engine
        self._log = log
        self._runs: dict[Request, EmbeddingRun] = {}
        self._embeddings: Embeddings | None = None
        self._opening = threading.Lock()

    def start(self, generation: Generation) -> EmbeddingRun:
        """Raises Refused."""
        embeddings = self._opened()
        texts = self._texts(generation.prompt, embeddings.embedder.longest)
        self._log.write([(generation.pk, Started(event_id(generation.attempt, 0)))])
        run = EmbeddingRun(generation, Request(texts))
        self._runs[run.request] = run
        embeddings.submit(run.request)
        return run

    def end(self, run: EmbeddingRun, end: End) -> None:
        if self._embeddings:
            self._embeddings.end(run.request, end)

    @property
    def runs(self) -> list[EmbeddingRun]:
        return list(self._runs.values())

    @property
    def is_broken(self) -> bool:
        return self._embeddings is not None and self._embeddings.is_broken

    def close(self) -> None:
        """Before the engine."""
        if self._embeddings:
            self._embeddings.close()

    def _opened(self) -> Embeddings:
        with self._opening:
            if self._embeddings is None:
                try:
                    embedder = self._engine.call(self._backend.embedder).result()
                except NoEmbeddings as error:
                    raise Refused(str(error)) from None
                except LoadError as error:
                    raise Refused(str(error), Generation.Reason.ERROR) from None
                self._embeddings = Embeddings(embedder, self._engine, self._settle)
                self._embeddings.open()
            return self._embeddings

    def _texts(self, prompt: list[str | list[int]], longest: int) -> list[Text]:
        vocabulary = self._backend.vocabulary
        texts = []
        for at, item in enumerate(prompt):
            name = f"input[{at}]" if len(prompt) > 1 else "input"
            tokens: list[int] = vocabulary.tokenize(item) if isinstance(item, str) else item
            _check(name, tokens, longest, vocabulary.size)
            texts.append(Text(tokens))
        return texts

    def _settle(self, request: Request) -> None:
        run = self._runs[request]
        if run.end is End.STOP:
            publish(self._log, [run])
        del self._runs[request]
        run.over.set()


def _check(name: str, tokens: list[int], longest: int, size: int) -> None:
    if not tokens:
        raise Refused(_("%(name)s has no text in it.") % {"name": name})
    if len(tokens) > longest:
        message = _("%(name)s has %(tokens)s tokens; at most %(most)s fit.")
        values = {"name": name, "tokens": len(tokens), "most": longest}
        raise Refused(message % values, Generation.Reason.TOO_LONG)
    unknown = [token for token in tokens if not 0 <= token < size]
    if unknown:
        message = _("%(name)s has the token %(token)s, but the model's tokens end at %(last)s.")
        raise Refused(message % {"name": name, "token": unknown[0], "last": size - 1})
