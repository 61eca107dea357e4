"""Images through llama.cpp's mtmd: into a model's views, and these into vectors."""

import ctypes
import importlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.images import ImageError, Picture, Pixels, Places, Vectors, View, stand_ins
from inference.engine.llama.library import LoadError, llama, log_callback
from inference.engine.llama.memory import pointer

logger = logging.getLogger(__name__)

AXES = 4
"""Numbers of a place where a model knows height and width."""
MARKER = b"<image>"
LOWER_PRIORITY = 10
"""Of the encoder's threads, as `nice` counts. While an image was encoded, which takes a second on
two quiet cores, a running answer had its tokens every 28 ms, and 63 at most, instead of every 17;
the image took 2.8 seconds. In the engine's thread it would have held up the answer for a second."""


def open_reader(
    projector: Path, model: Any, threads: int, most_at_once: int
) -> "LlamaImageReader | None":
    """None if llama.cpp was built without mtmd. Raises LoadError."""
    try:
        mtmd = importlib.import_module("llama_cpp.mtmd_cpp")
    except (FileNotFoundError, RuntimeError):
        logger.warning("%s is of no use, as llama.cpp was built without mtmd", projector)
        return None
    mtmd.mtmd_log_set(log_callback, ctypes.c_void_p(0))
    return LlamaImageReader(mtmd, projector, model, threads, most_at_once)


class LlamaImageReader:
    """Encodes in a thread of its own, as mtmd encodes one image at a time, beside the engine's
    thread, which goes on with the answers meanwhile."""

    def __init__(
        self, mtmd: Any, projector: Path, model: Any, threads: int, most_at_once: int
    ) -> None:
        """`most_at_once` are the rows that fit in one step. Raises LoadError."""
        self._mtmd = mtmd
        self._size = llama.llama_model_n_embd_inp(model)
        self._most_at_once = most_at_once
        params = mtmd.mtmd_context_params_default()
        params.use_gpu = params.print_timings = params.warmup = False
        params.n_threads = threads
        params.media_marker = MARKER
        self._context = mtmd.mtmd_init_from_file(str(projector).encode(), model, params)
        if not self._context:
            raise LoadError(f"{projector.name} can't be loaded as this model's projector.")
        if not mtmd.mtmd_support_vision(self._context):
            mtmd.mtmd_free(self._context)
            raise LoadError(f"{projector.name} is no projector for images.")
        self._encoder = ThreadPoolExecutor(1, "images", _give_way)

    def picture(self, load: Callable[[], Pixels], digest: str) -> Picture:
        height, width, _colours = load().shape
        with self._chunks(width, height, None) as chunks:
            parts = [self._part(chunk, digest, at) for at, chunk in enumerate(chunks)]

        def encode() -> list[Vectors]:
            return self._encoder.submit(self._encode, load).result()

        return Picture(parts, encode)

    def close(self) -> None:
        self._encoder.shutdown()
        self._mtmd.mtmd_free(self._context)

    @contextmanager
    def _chunks(self, width: int, height: int, pixels: Any) -> Iterator[list[Any]]:
        """What mtmd makes of an image; without its pixels, chunks of the same lengths."""
        mtmd = self._mtmd
        chunks = mtmd.mtmd_input_chunks_init()
        bitmap = mtmd.mtmd_bitmap_init(width, height, pixels)
        try:
            text = mtmd.mtmd_input_text(MARKER, len(MARKER), False, True)
            code = mtmd.mtmd_tokenize(
                self._context, chunks, ctypes.byref(text), (ctypes.c_void_p * 1)(bitmap), 1
            )
            if code != 0:
                raise ImageError(f"mtmd_tokenize returned {code}")
            count = mtmd.mtmd_input_chunks_size(chunks)
            yield [mtmd.mtmd_input_chunks_get(chunks, number) for number in range(count)]
        finally:
            mtmd.mtmd_bitmap_free(bitmap)
            mtmd.mtmd_input_chunks_free(chunks)

    def _part(self, chunk: Any, digest: str, number: int) -> list[int] | View:
        count = self._mtmd.mtmd_input_chunk_get_n_tokens(chunk)
        if not self._is_image(chunk):
            length = ctypes.c_size_t()
            tokens = self._mtmd.mtmd_input_chunk_get_tokens_text(chunk, ctypes.byref(length))
            return [int(token) for token in tokens[:count]]
        at_once = self._mtmd.mtmd_decode_use_non_causal(self._context, chunk)
        if at_once and count > self._most_at_once:
            raise ImageError(f"{count} rows at once, of which {self._most_at_once} fit")
        return View(
            stand_ins(digest, number, count),
            self._places(chunk, count),
            self._mtmd.mtmd_input_chunk_get_n_pos(chunk),
            at_once,
        )

    def _is_image(self, chunk: Any) -> bool:
        kind = self._mtmd.mtmd_input_chunk_get_type(chunk)
        return bool(kind == self._mtmd.MTMD_INPUT_CHUNK_TYPE_IMAGE)

    def _places(self, chunk: Any, count: int) -> Places:
        """One row for the order in time, and with M-RoPE those for height, width and nothing."""
        if not self._mtmd.mtmd_decode_use_mrope(self._context):
            return np.arange(count, dtype=np.int32)[None]
        found = (self._mtmd.mtmd_decoder_pos * count)()
        image = self._mtmd.mtmd_input_chunk_get_tokens_image(chunk)
        self._mtmd.mtmd_helper_image_get_decoder_pos(image, 0, found)
        txyz = np.frombuffer(found, np.int32).reshape(count, AXES)
        return np.ascontiguousarray(txyz[:, [0, 2, 1, 3]].T)

    # In the encoder's thread:

    def _encode(self, load: Callable[[], Pixels]) -> list[Vectors]:
        pixels = load()
        height, width, _colours = pixels.shape
        with self._chunks(width, height, pointer(pixels, ctypes.c_uint8)) as chunks:
            return [self._vectors(chunk) for chunk in chunks if self._is_image(chunk)]

    def _vectors(self, chunk: Any) -> Vectors:
        if code := self._mtmd.mtmd_encode_chunk(self._context, chunk):
            raise ImageError(f"mtmd_encode_chunk returned {code}")
        count = self._mtmd.mtmd_input_chunk_get_n_tokens(chunk)
        found = self._mtmd.mtmd_get_output_embd(self._context)
        vectors = np.ctypeslib.as_array(found, (count, self._size)).copy()
        if not np.isfinite(vectors).all():
            raise ImageError("its vectors are not finite")
        return vectors


def _give_way() -> None:
    """To the engine's threads; those that this one starts for a computation do as well. Only Linux
    has priorities of threads."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWER_PRIORITY)


class ViewBatch:
    """A llama_batch of rows of a view, whose arrays are numpy's."""

    def __init__(self, vectors: Vectors, places: Places, start: int, id: int) -> None:
        """Of a view that begins at the position `start`, in the sequence `id`."""
        count = len(vectors)
        self._vectors = np.ascontiguousarray(vectors)
        self._positions = np.array(places, order="C")
        self._positions[: AXES - 1] += start  # the fourth number counts nothing
        self._ones = np.ones(count, np.int32)
        self._ids = np.full(count, id, np.int32)
        self._id_pointers = self._ids.ctypes.data + np.arange(count, dtype=np.uintp) * 4
        self._wanted = np.zeros(count, np.int8)
        self.struct = llama.llama_batch(
            count,
            None,
            pointer(self._vectors, ctypes.c_float),
            pointer(self._positions, ctypes.c_int32),
            pointer(self._ones, ctypes.c_int32),
            pointer(self._id_pointers, ctypes.POINTER(ctypes.c_int32)),
            pointer(self._wanted, ctypes.c_int8),
        )
