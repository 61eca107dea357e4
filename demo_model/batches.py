"""Dialogues as padded batches of a few fixed lengths, made ahead by another process."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from demo_model.corpus import dialogues
from demo_model.tokenizer import encode

# Few lengths, because the model is compiled once for each.
LENGTHS = [48, 64, 88, 120, 168, 240, 352, 544, 1024]
DIALOGUES_PER_CHUNK = 4000

Row = tuple[NDArray[np.uint16], NDArray[np.bool_]]


@dataclass(frozen=True)
class Batch:
    tokens: NDArray[np.int64]
    learnt: NDArray[np.bool_]


def encoded_rows(
    tokenizer_path: Path, seed: int, copying: float, count: int = DIALOGUES_PER_CHUNK
) -> list[Row]:
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    rows = []
    for messages in islice(dialogues(seed, copying), count):
        ids, learnt = encode(tokenizer, messages)
        rows.append(
            (np.array(ids[: LENGTHS[-1]], np.uint16), np.array(learnt[: LENGTHS[-1]], np.bool_))
        )
    return rows


def pad(rows: list[Row], length: int) -> Batch:
    tokens = np.zeros((len(rows), length), np.int64)
    learnt = np.zeros((len(rows), length), np.bool_)
    for index, (ids, mask) in enumerate(rows):
        tokens[index, : len(ids)] = ids
        learnt[index, : len(mask)] = mask
    return Batch(tokens, learnt)


class Batcher:
    """Collects rows by length, and gives a batch whenever one is full."""

    def __init__(self, tokens_per_batch: int) -> None:
        self.tokens_per_batch = tokens_per_batch
        self.waiting: dict[int, list[Row]] = {length: [] for length in LENGTHS}

    def add(self, rows: list[Row], rng: Random) -> list[Batch]:
        batches = []
        for row in rows:
            length = next(length for length in LENGTHS if len(row[0]) <= length)
            self.waiting[length].append(row)
            if len(self.waiting[length]) == self.tokens_per_batch // length:
                batches.append(pad(self.waiting[length], length))
                self.waiting[length] = []
        rng.shuffle(batches)
        return batches


class BatchStream:
    """Batches without end. The next chunk is made while the model learns from this one."""

    def __init__(self, tokenizer_path: Path, tokens_per_batch: int, first_seed: int) -> None:
        self.tokenizer_path = tokenizer_path
        self.batcher = Batcher(tokens_per_batch)
        self.seed = first_seed
        self.copying = 0.0

    def __iter__(self) -> Iterator[Batch]:
        rng = Random(self.seed)
        # A forked child would inherit the locks of torch's threads.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            pending = pool.submit(encoded_rows, self.tokenizer_path, self.seed, self.copying)
            while True:
                rows = pending.result()
                self.seed += 1
                pending = pool.submit(encoded_rows, self.tokenizer_path, self.seed, self.copying)
                yield from self.batcher.add(rows, rng)
