"""Vectors from a loaded model: a second context on its weights, which pools what it computes."""

import ctypes
from typing import Any

import numpy as np

from inference.engine.embedding import EmbeddingError, NoEmbeddings, Piece, Pooling, Vector
from inference.engine.llama.library import LoadError, llama
from inference.engine.llama.memory import Batch, available_memory

BATCH_SIZE = 128
"""Tokens of a batch where texts can be split; this many are read at full speed. llama.cpp makes
logits of each, too, which nobody wants but which take memory."""
MEMORY_SHARE = 4
"""Texts that can't be split are so short that their logits fit into one part in this many of the
free memory."""
MOST_IDS = 32
"""Sequences in one batch. The batch's size must be a multiple of it, or llama.cpp aborts when it
reserves memory for pooling the mean."""
LONGEST_VALUE = 128
SPLIT_ID = 0
"""Of the sequence that goes on over several batches; those of whole texts come after it."""

POOLINGS = {
    llama.LLAMA_POOLING_TYPE_NONE: Pooling.MEAN,  # which is what most models want that don't say
    llama.LLAMA_POOLING_TYPE_MEAN: Pooling.MEAN,
    llama.LLAMA_POOLING_TYPE_CLS: Pooling.FIRST,
    llama.LLAMA_POOLING_TYPE_LAST: Pooling.LAST,
}
TYPES = {
    Pooling.MEAN: llama.LLAMA_POOLING_TYPE_MEAN,
    Pooling.FIRST: llama.LLAMA_POOLING_TYPE_CLS,
    Pooling.LAST: llama.LLAMA_POOLING_TYPE_LAST,
}


class LlamaEmbedder:
    most_texts = MOST_IDS - 1

    def __init__(self, model: Any, context: int, threads: int, is_encoder: bool) -> None:
        """`context` is the most tokens of a text, if memory allows. An encoder reads texts as a
        whole and remembers nothing. Raises NoEmbeddings, LoadError."""
        self.size = llama.llama_model_n_embd_out(model)
        self.splits = not is_encoder and _is_causal(model)
        self.pooling = _pooling(model)
        self.longest = context if self.splits else min(context, _affordable(model))
        self.batch_size = BATCH_SIZE if self.splits else -(-self.longest // MOST_IDS) * MOST_IDS
        self._compute = llama.llama_encode if is_encoder else llama.llama_decode
        self._threads = threads
        self._context = self._open(model)
        self._memory = llama.llama_get_memory(self._context)
        self._batch = Batch(self.batch_size)

    def embed(self, pieces: list[Piece], threads: int) -> Vector:
        if threads != self._threads:
            llama.llama_set_n_threads(self._context, threads, threads)
            self._threads = threads
        ids = [at if piece.is_whole else SPLIT_ID for at, piece in enumerate(pieces, start=1)]
        self._forget([id for id, piece in zip(ids, pieces, strict=True) if piece.start == 0])
        self._fill(pieces, ids)
        code = self._compute(self._context, self._batch.struct)
        if code != 0:
            raise EmbeddingError(f"llama.cpp returned {code} for {len(pieces)} texts")
        vectors = np.stack([self._vector(id) for id in ids])
        if not np.isfinite(vectors).all():
            raise EmbeddingError(f"the vectors of {len(pieces)} texts are not finite")
        return vectors

    def close(self) -> None:
        llama.llama_free(self._context)

    def _forget(self, ids: list[int]) -> None:
        """What former texts left; encoders keep nothing."""
        if self._memory:
            for id in ids:
                llama.llama_memory_seq_rm(self._memory, id, 0, -1)

    def _fill(self, pieces: list[Piece], ids: list[int]) -> None:
        tokens = [token for piece in pieces for token in piece.tokens]
        positions = [at for piece in pieces for at in range(piece.start, piece.stop)]
        of_each = [
            id
            for id, piece in zip(ids, pieces, strict=True)
            for _ in range(piece.start, piece.stop)
        ]
        self._batch.fill(tokens, positions, of_each, [True] * len(tokens))

    def _vector(self, id: int) -> Vector:
        found = llama.llama_get_embeddings_seq(self._context, id)
        return np.ctypeslib.as_array(found, (self.size,)).copy()

    def _open(self, model: Any) -> Any:
        params = llama.llama_context_default_params()
        params.embeddings = True
        params.pooling_type = TYPES[self.pooling]
        params.n_ctx = self.batch_size + self.longest * self.splits
        params.n_batch = params.n_ubatch = self.batch_size
        params.n_seq_max = MOST_IDS
        params.n_threads = params.n_threads_batch = self._threads
        params.kv_unified = True
        params.swa_full = True
        context = llama.llama_init_from_model(model, params)
        if not context:
            raise LoadError(f"There is not enough memory to embed {self.longest} tokens.")
        return context


def _is_causal(model: Any) -> bool:
    """Whether a token's vector depends on those before it alone."""
    return _metadata(model, "attention.causal") != "false"


def _pooling(model: Any) -> Pooling:
    """The one it was trained with."""
    named = int(_metadata(model, "pooling_type") or llama.LLAMA_POOLING_TYPE_NONE)
    if named not in POOLINGS:
        raise NoEmbeddings("This model ranks texts; it makes no embeddings.")
    return POOLINGS[named]


def _affordable(model: Any) -> int:
    """Tokens whose logits fit."""
    words = int(llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(model)))
    return max(1, available_memory() // MEMORY_SHARE // (words * np.float32().nbytes))


def _metadata(model: Any, name: str) -> str:
    """A value of the file's header, of its architecture; empty if it does not say."""
    architecture = _value(model, "general.architecture")
    return _value(model, f"{architecture}.{name}")


def _value(model: Any, name: str) -> str:
    buffer = ctypes.create_string_buffer(LONGEST_VALUE)
    length = llama.llama_model_meta_val_str(model, name.encode(), buffer, len(buffer))
    return buffer.value.decode() if length >= 0 else ""
