"""The bare decode loop: llama.cpp's batch interface with nothing around it.

    python -m bench.bare MODEL TOKENS < prompts.json

Reads a JSON list of prompts, generates so many tokens for each, all of them in one batch, and
prints how long that took. No more than this can be had from the processor.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import llama_cpp as llama

BATCH = 512
ROOM = 64
"""Positions in the cache beside those of prompt and answer."""
TURN = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


@dataclass(frozen=True)
class Timing:
    streams: int
    tokens: int
    """Of each stream."""
    prefill_seconds: float
    decode_seconds: float
    """Of the tokens after the first of each stream."""

    @property
    def decode_rate(self) -> float:
        """Tokens per second of all streams, while all of them run."""
        return self.streams * (self.tokens - 1) / self.decode_seconds

    @property
    def whole_rate(self) -> float:
        """Tokens per second of all streams, the reading of the prompts included."""
        return self.streams * self.tokens / (self.prefill_seconds + self.decode_seconds)


def measure(model: Path, prompts: list[str], tokens: int) -> Timing:
    """In a process of its own, which is gone before something else is measured."""
    command = [sys.executable, "-m", "bench.bare", str(model), str(tokens)]
    # Its threads wait for each other as Parley's do; see inference/engine/llama/library.py.
    environment = os.environ | {"GOMP_SPINCOUNT": "10000"}
    done = subprocess.run(
        command, input=json.dumps(prompts), capture_output=True, text=True, env=environment
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return Timing(**json.loads(done.stdout))


class Loop:
    def __init__(self, model: Path, streams: int, cells: int) -> None:
        threads = len(os.sched_getaffinity(0))
        self._model = llama.llama_model_load_from_file(
            str(model).encode(), llama.llama_model_default_params()
        )
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = cells
        parameters.n_batch = parameters.n_ubatch = BATCH
        parameters.n_seq_max = streams
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.kv_unified = True
        parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED
        self._context = llama.llama_init_from_model(self._model, parameters)
        self._batch = llama.llama_batch_init(BATCH, 0, 1)
        self._samplers = [_sampler(seed) for seed in range(streams)]

    def tokenize(self, text: str) -> list[int]:
        raw = text.encode()
        tokens = (llama.llama_token * len(raw))()
        count = llama.llama_tokenize(self._vocabulary, raw, len(raw), tokens, len(raw), False, True)
        return list(tokens[:count])

    def read(self, prompts: list[list[int]]) -> list[int]:
        """Evaluate the prompts, in full batches; the first token of each answer."""
        rows = [
            (token, position, stream, position == len(prompt) - 1)
            for stream, prompt in enumerate(prompts)
            for position, token in enumerate(prompt)
        ]
        first = [0] * len(prompts)
        for begin in range(0, len(rows), BATCH):
            chunk = rows[begin : begin + BATCH]
            self._decode(chunk)
            for at, (_, _, stream, is_last) in enumerate(chunk):
                if is_last:
                    first[stream] = self._sample(stream, at)
        return first

    def step(self, last: list[int], positions: list[int]) -> list[int]:
        """One more token of every stream."""
        rows = zip(last, positions, range(len(last)), [True] * len(last), strict=True)
        self._decode(list(rows))
        return [self._sample(stream, stream) for stream in range(len(last))]

    def _decode(self, rows: list[tuple[int, int, int, bool]]) -> None:
        batch = self._batch
        for at, (token, position, stream, wanted) in enumerate(rows):
            batch.token[at], batch.pos[at], batch.logits[at] = token, position, wanted
            batch.n_seq_id[at], batch.seq_id[at][0] = 1, stream
        batch.n_tokens = len(rows)
        if llama.llama_decode(self._context, batch):
            raise SystemExit("llama_decode failed")

    def _sample(self, stream: int, at: int) -> int:
        return int(llama.llama_sampler_sample(self._samplers[stream], self._context, at))


def _sampler(seed: int) -> Any:
    chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    for sampler in (
        llama.llama_sampler_init_top_k(40),
        llama.llama_sampler_init_top_p(0.9, 1),
        llama.llama_sampler_init_temp(0.7),
        llama.llama_sampler_init_dist(seed),
    ):
        llama.llama_sampler_chain_add(chain, sampler)
    return chain


def _run(model: Path, texts: list[str], tokens: int) -> Timing:
    streams = len(texts)
    loop = Loop(model, streams, sum(len(text.split()) + tokens + ROOM for text in texts))
    prompts = [loop.tokenize(TURN.format(text)) for text in texts]
    began = time.perf_counter()
    last = loop.read(prompts)
    read = time.perf_counter()
    positions = [len(prompt) for prompt in prompts]
    for _ in range(tokens - 1):
        last = loop.step(last, positions)
        positions = [position + 1 for position in positions]
    return Timing(streams, tokens, read - began, time.perf_counter() - read)


@llama.llama_log_callback
def _silence(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    pass


if __name__ == "__main__":
    llama.llama_log_set(_silence, ctypes.c_void_p(0))
    llama.llama_backend_init()
    print(json.dumps(asdict(_run(Path(sys.argv[1]), json.load(sys.stdin), int(sys.argv[2])))))
