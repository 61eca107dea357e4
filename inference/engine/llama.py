"""The real backend: llama.cpp through llama-cpp-python's low-level API. Nothing else imports it."""

import ctypes
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

# Threads of libgomp that wait for each other spin; without a bound they starve every other
# process on the machine. Read when the library is loaded, so it has to be set before the import.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import llama_cpp as llama
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from inference.engine.backend import ChatMessage, DecodeError
from inference.engine.scheduler import Row
from inference.engine.sequence import Sampling, Sequence

logger = logging.getLogger(__name__)

BATCH_SIZE = 512
LOG_ERROR = 4
"""ggml.h: GGML_LOG_LEVEL_ERROR. What it calls warnings is of no use to who runs a server."""
PENALTY_WINDOW = 64
"""Tokens back that the penalties look at, as in llama.cpp."""
CACHE_SHARE_OF_MEMORY = 4
"""The KV cache takes at most one part in this many of the memory free at loading."""

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}<|im_start|>assistant\n"
)


class LoadError(Exception):
    """The message is a sentence for people."""


@llama.llama_log_callback
def _log(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    severity = logging.ERROR if level == LOG_ERROR else logging.DEBUG
    logger.log(severity, "%s", text.decode(errors="replace").rstrip())


llama.llama_log_set(_log, ctypes.c_void_p(0))
llama.llama_backend_init()


class LlamaVocabulary:
    """The textual side of a loaded model; it only reads, so any thread may use it."""

    def __init__(self, model: Any, context: int) -> None:
        self.context = context
        self._model = model
        self._vocab = llama.llama_model_get_vocab(model)
        self.size = llama.llama_vocab_n_tokens(self._vocab)
        self._control = self._control_words()
        self._formatter = Jinja2ChatFormatter(
            self._template(),
            eos_token=self._text(llama.llama_vocab_eos(self._vocab)),
            bos_token=self._text(llama.llama_vocab_bos(self._vocab)),
        )

    def render(self, messages: list[ChatMessage]) -> str:
        safe = [{**m, "content": self._disarm(m["content"])} for m in messages]
        try:
            return str(self._formatter(messages=safe).prompt)
        except Exception:
            if safe[0]["role"] != "system" or len(safe) < 2:
                raise
            # Some templates know no instructions: say them at the start of the first turn.
            first = {**safe[1], "content": f"{safe[0]['content']}\n\n{safe[1]['content']}"}
            return str(self._formatter(messages=[first, *safe[2:]]).prompt)

    def tokenize(self, text: str) -> list[int]:
        raw = text.encode("utf-8", "replace")
        tokens = (llama.llama_token * (len(raw) + 2))()
        count = llama.llama_tokenize(
            self._vocab, raw, len(raw), tokens, len(tokens), self._adds_start(text), True
        )
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(64)
        count = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        if count < 0:
            buffer = ctypes.create_string_buffer(-count)
            count = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        return buffer.raw[:count]

    def is_end(self, token: int) -> bool:
        return bool(llama.llama_vocab_is_eog(self._vocab, token))

    def _adds_start(self, text: str) -> bool:
        """Whether tokenising adds the start token: not twice, where the template wrote it."""
        start = self._text(llama.llama_vocab_bos(self._vocab))
        return not (start and text.startswith(start))

    def _template(self) -> str:
        template = llama.llama_model_chat_template(self._model, None)
        return template.decode() if template else CHATML

    def _text(self, token: int) -> str:
        return llama.llama_vocab_get_text(self._vocab, token).decode() if token >= 0 else ""

    def _control_words(self) -> re.Pattern[str] | None:
        """Texts such as <|im_end|> that the tokeniser reads as the ends and roles of turns."""
        words = {
            self._text(token)
            for token in range(self.size)
            if llama.llama_vocab_is_control(self._vocab, token)
        }
        words = {word for word in words if len(word) > 2}
        if not words:
            return None
        return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))

    def _disarm(self, content: str) -> str:
        """Break up control words in what people wrote, so that nobody speaks in another's role."""
        if self._control is None:
            return content
        return self._control.sub(lambda found: found[0][0] + "\u200b" + found[0][1:], content)


class LlamaBackend:
    def __init__(self, model: Any, vocabulary: LlamaVocabulary, slots: int, threads: int) -> None:
        self.batch_size = BATCH_SIZE
        self.slots = slots
        self.vocabulary = vocabulary
        self.cells = _cells(model, vocabulary.context, slots)
        self._model = model
        self._context = self._open(threads)
        self._memory = llama.llama_get_memory(self._context)
        self._rows_of: dict[Sequence, int] = {}
        self._samplers: dict[Sequence, Any] = {}
        self._batch = _Batch(BATCH_SIZE)

    def start(self, sequence: Sequence) -> None:
        self._samplers[sequence] = _chain(sequence.sampling)

    def decode(self, rows: list[Row]) -> None:
        self._batch.fill(rows)
        code = llama.llama_decode(self._context, self._batch.struct)
        if code != 0:
            raise DecodeError(f"llama_decode returned {code} for {len(rows)} tokens")
        self._rows_of = {row.sequence: at for at, row in enumerate(rows) if row.last}

    def sample(self, sequence: Sequence) -> int:
        at = self._rows_of[sequence]
        logits = np.ctypeslib.as_array(
            llama.llama_get_logits_ith(self._context, at), (self.vocabulary.size,)
        )
        penalize(logits, sequence.tokens[-PENALTY_WINDOW:], sequence.sampling)
        return int(llama.llama_sampler_sample(self._samplers[sequence], self._context, at))

    def is_end(self, token: int) -> bool:
        return self.vocabulary.is_end(token)

    def release(self, sequence: Sequence) -> None:
        llama.llama_memory_seq_rm(self._memory, sequence.slot, -1, -1)
        if sampler := self._samplers.pop(sequence, None):
            llama.llama_sampler_free(sampler)

    def close(self) -> None:
        for sampler in self._samplers.values():
            llama.llama_sampler_free(sampler)
        llama.llama_free(self._context)
        llama.llama_model_free(self._model)

    def _open(self, threads: int) -> Any:
        params = llama.llama_context_default_params()
        params.n_ctx = self.cells
        params.n_batch = params.n_ubatch = BATCH_SIZE
        params.n_seq_max = self.slots
        params.n_threads = params.n_threads_batch = threads
        params.kv_unified = True  # sequences share all cells, and holes between them cost nothing
        context = llama.llama_init_from_model(self._model, params)
        if not context:
            raise LoadError(f"There is not enough memory for a context of {self.cells} tokens.")
        return context


def load(
    path: Path, context: int, slots: int, threads: int, progress: Callable[[float], None]
) -> LlamaBackend:
    """Load a GGUF file. `context` is the wish, in tokens; a model trained for less gets less.

    `progress` is called with 0 to 1. Raises LoadError.
    """
    if not path.is_file():
        raise LoadError(f"The file {path} does not exist.")

    @llama.llama_progress_callback
    def callback(done: float, _: ctypes.c_void_p) -> bool:
        progress(done)
        return True  # go on

    params = llama.llama_model_default_params()
    params.progress_callback = callback
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise LoadError(f"llama.cpp cannot load {path.name}; is it a complete GGUF file?")
    trained_for = llama.llama_model_n_ctx_train(model)
    vocabulary = LlamaVocabulary(model, min(context, trained_for) if trained_for else context)
    try:
        return LlamaBackend(model, vocabulary, slots, threads)
    except LoadError:
        llama.llama_model_free(model)
        raise


def penalize(logits: npt.NDArray[np.float32], recent: list[int], sampling: Sampling) -> None:
    """Lower the logits of the recent tokens in place: repetition after Keskar et al. 2019,
    frequency and presence as OpenAI defines them. Exact, and touches only those tokens."""
    if (sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty) == (
        1,
        0,
        0,
    ):
        return
    tokens, counts = np.unique(recent, return_counts=True)
    values = logits[tokens]
    values = np.where(
        values > 0, values / sampling.repeat_penalty, values * sampling.repeat_penalty
    )
    logits[tokens] = values - counts * sampling.frequency_penalty - sampling.presence_penalty


def _chain(sampling: Sampling) -> Any:
    chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    for sampler in _samplers(sampling):
        llama.llama_sampler_chain_add(chain, sampler)
    return chain


def _samplers(sampling: Sampling) -> list[Any]:
    """Top-k first: all that follows then sees tens of candidates instead of the vocabulary."""
    if sampling.temperature <= 0:
        return [llama.llama_sampler_init_greedy()]
    return [
        llama.llama_sampler_init_top_k(sampling.top_k),
        llama.llama_sampler_init_top_p(sampling.top_p, 1),
        llama.llama_sampler_init_min_p(sampling.min_p, 1),
        llama.llama_sampler_init_temp(sampling.temperature),
        llama.llama_sampler_init_dist(sampling.seed & 0xFFFFFFFF),
    ]


def _cells(model: Any, context: int, slots: int) -> int:
    """Room for every slot at full length if memory allows, and for one in any case."""
    head = llama.llama_model_n_embd(model) // max(1, llama.llama_model_n_head(model))
    per_cell = 2 * 2 * llama.llama_model_n_layer(model) * llama.llama_model_n_head_kv(model) * head
    affordable = available_memory() // CACHE_SHARE_OF_MEMORY // max(1, per_cell)
    return int(max(context, min(context * slots, affordable)))


def available_memory() -> int:
    """Bytes that can be used without swapping, the page cache counted in where Linux tells."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvail"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


class _Batch:
    """A llama_batch whose arrays are numpy's, so that filling it needs no loop in ctypes."""

    def __init__(self, size: int) -> None:
        self._tokens = np.zeros(size, np.int32)
        self._positions = np.zeros(size, np.int32)
        self._ones = np.ones(size, np.int32)
        self._slots = np.zeros(size, np.int32)
        self._slot_pointers = self._slots.ctypes.data + np.arange(size, dtype=np.uintp) * 4
        self._wanted = np.zeros(size, np.int8)
        self.struct = llama.llama_batch(
            0,
            _pointer(self._tokens, ctypes.c_int32),
            None,
            _pointer(self._positions, ctypes.c_int32),
            _pointer(self._ones, ctypes.c_int32),
            _pointer(self._slot_pointers, ctypes.POINTER(ctypes.c_int32)),
            _pointer(self._wanted, ctypes.c_int8),
        )

    def fill(self, rows: list[Row]) -> None:
        count = len(rows)
        self._tokens[:count] = [row.token for row in rows]
        self._positions[:count] = [row.position for row in rows]
        self._slots[:count] = [row.sequence.slot for row in rows]
        self._wanted[:count] = [row.last for row in rows]
        self.struct.n_tokens = count


def _pointer(array: npt.NDArray[Any], kind: Any) -> Any:
    return ctypes.cast(array.ctypes.data, ctypes.POINTER(kind))
