"""From a GGUF file to a backend, or to its vocabulary alone."""

import ctypes
import weakref
from collections.abc import Callable
from pathlib import Path

from inference.engine.llama.backend import BATCH_SIZE, LlamaBackend
from inference.engine.llama.images import open_reader
from inference.engine.llama.library import LoadError, llama
from inference.engine.llama.vocabulary import LlamaVocabulary


def load(
    path: Path,
    context: int,
    slots: int,
    threads: int,
    progress: Callable[[float], None],
    projector: Path | None = None,
) -> LlamaBackend:
    """Load a GGUF file. `context` is the wish, in tokens; a model trained for less gets less.

    `projector` is the file with which it reads images, and `progress` is called with 0 to 1.
    Raises LoadError.
    """
    files = [path, projector] if projector else [path]
    for file in files:
        if not file.is_file():
            raise LoadError(f"The file {file} does not exist.")

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
    fingerprint = " ".join(map(_fingerprint, files))
    images = None
    try:
        images = open_reader(projector, model, threads, BATCH_SIZE) if projector else None
        return LlamaBackend(model, vocabulary, slots, threads, fingerprint, images)
    except LoadError:
        if images:
            images.close()
        llama.llama_model_free(model)
        raise


def load_vocabulary(path: Path, context: int) -> LlamaVocabulary:
    """The vocabulary without the weights, for `context` tokens. Raises LoadError.

    llama.cpp's memory for it is freed when nobody refers to it any more.
    """
    params = llama.llama_model_default_params()
    params.vocab_only = True
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise LoadError(f"llama.cpp cannot read the vocabulary of {path.name}.")
    vocabulary = LlamaVocabulary(model, context)
    weakref.finalize(vocabulary, llama.llama_model_free, model)
    return vocabulary


def _fingerprint(path: Path) -> str:
    """States of the KV cache are of use to the same file and the same library only."""
    known = path.stat()
    return f"{path.name} {known.st_size} {known.st_mtime_ns} {llama.__version__}"
