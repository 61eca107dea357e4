"""A loaded model and its KV cache."""

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.engine.backend import DecodeError, NoRoom
from inference.engine.llama.embedding import LlamaEmbedder
from inference.engine.llama.images import LlamaImageReader, ViewBatch
from inference.engine.llama.library import LoadError, llama
from inference.engine.llama.memory import Batch, available_memory, pointer
from inference.engine.llama.vocabulary import LlamaVocabulary
from inference.engine.prefix import StateData
from inference.engine.rows import Row

BATCH_SIZE = 512
IDS_PER_SLOT, MOST_IDS = 2, 256
"""Ids for sequences that ended and are kept; each costs room for one row of logits. llama.cpp
knows no more than 256 (LLAMA_MAX_SEQ)."""
SLOTS_OF_FULL_LENGTH = 4
"""The KV cache has room for one slot in so many at its full length. Few chats are so long, and when
there is no room, sequences pause."""
CACHE_SHARE_OF_MEMORY = 4
"""The KV cache takes at most one part in this many of the memory free at loading."""
NO_ROOM = 1
"""What llama_decode returns then."""


class LlamaBackend:
    def __init__(
        self,
        model: Any,
        vocabulary: LlamaVocabulary,
        slots: int,
        threads: int,
        fingerprint: str,
        images: LlamaImageReader | None = None,
    ) -> None:
        self.batch_size = BATCH_SIZE
        self.slots = slots
        self.threads = threads
        self.fingerprint = fingerprint
        self.vocabulary = vocabulary
        self.images = images
        self.cells = _cells(model, vocabulary.context, slots)
        self.can_rewind = not (
            llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model)
        )
        self.ids = min(slots * IDS_PER_SLOT, MOST_IDS) if self.can_rewind else 2 * slots
        self._model = model
        self._context = self._open(threads)
        self._memory = llama.llama_get_memory(self._context)
        self.can_answer = bool(self._memory) and llama.llama_model_has_decoder(model)
        self._threads_now = threads
        self._batch = Batch(BATCH_SIZE)

    def decode(self, rows: list[Row], threads: int) -> None:
        if threads != self._threads_now:
            llama.llama_set_n_threads(self._context, threads, threads)
            self._threads_now = threads
        code = self._decode_view(rows) if rows[0].token < 0 else self._decode_tokens(rows)
        if code == NO_ROOM:
            raise NoRoom
        if code != 0:
            raise DecodeError(f"llama_decode returned {code} for {len(rows)} tokens")

    def _decode_tokens(self, rows: list[Row]) -> int:
        self._batch.fill(
            [row.token for row in rows],
            [row.position for row in rows],
            [row.sequence.id for row in rows],
            [row.wanted for row in rows],
        )
        return int(llama.llama_decode(self._context, self._batch.struct))

    def _decode_view(self, rows: list[Row]) -> int:
        sequence = rows[0].sequence
        here = sequence.view_here
        if here is None or here.view.vectors is None:
            raise DecodeError("an image is to be computed that is not encoded")
        first = sequence.computed - here.start
        vectors = here.view.vectors[first : first + len(rows)]
        places = here.view.places[:, first : first + len(rows)]
        batch = ViewBatch(vectors, places, sequence.position(here.start), sequence.id)
        llama.llama_set_causal_attn(self._context, not here.view.is_seen_at_once)
        try:
            return int(llama.llama_decode(self._context, batch.struct))
        finally:
            llama.llama_set_causal_attn(self._context, True)

    def logits(self, at: int) -> npt.NDArray[np.float32]:
        pointer = llama.llama_get_logits_ith(self._context, at)
        return np.ctypeslib.as_array(pointer, (self.vocabulary.size,))

    def copy(self, source: int, target: int, end: int) -> None:
        llama.llama_memory_seq_cp(self._memory, source, target, 0, end)

    def cut(self, id: int, end: int) -> None:
        llama.llama_memory_seq_rm(self._memory, id, end, -1)

    def save(self, id: int) -> StateData:
        size = llama.llama_state_seq_get_size(self._context, id)
        state = np.empty(size, np.uint8)
        data = pointer(state, ctypes.c_uint8)
        written = llama.llama_state_seq_get_data(self._context, data, size, id)
        return state[:written].data

    def restore(self, id: int, state: StateData) -> bool:
        data = pointer(np.frombuffer(state, np.uint8), ctypes.c_uint8)
        return bool(llama.llama_state_seq_set_data(self._context, data, len(state), id))

    def embedder(self) -> LlamaEmbedder:
        """Raises NoEmbeddings, LoadError."""
        context = self.vocabulary.context
        return LlamaEmbedder(self._model, context, self.threads, is_encoder=not self.can_answer)

    def close(self) -> None:
        if self.images:
            self.images.close()
        llama.llama_free(self._context)
        llama.llama_model_free(self._model)

    def _open(self, threads: int) -> Any:
        params = llama.llama_context_default_params()
        params.n_ctx = self.cells
        params.n_batch = params.n_ubatch = BATCH_SIZE
        params.n_seq_max = self.ids
        params.n_threads = params.n_threads_batch = threads
        params.kv_unified = True  # sequences share all cells, and holes between them cost nothing
        params.swa_full = True  # a sliding window would forget what another turn begins with
        context = llama.llama_init_from_model(self._model, params)
        if not context:
            raise LoadError(f"There is not enough memory for a context of {self.cells} tokens.")
        return context


def _cells(model: Any, context: int, slots: int) -> int:
    """Room for a part of the slots at full length if memory allows, and for one in any case."""
    head = llama.llama_model_n_embd(model) // max(1, llama.llama_model_n_head(model))
    per_cell = 2 * 2 * llama.llama_model_n_layer(model) * llama.llama_model_n_head_kv(model) * head
    affordable = available_memory() // CACHE_SHARE_OF_MEMORY // max(1, per_cell)
    return int(max(context, min(context * slots // SLOTS_OF_FULL_LENGTH, affordable)))
