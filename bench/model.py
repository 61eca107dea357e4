"""A GGUF file of the shape of Qwen2.5-0.5B, with random weights: as fast as the real model.

It writes for ever, one whole word with each token. So every answer is as long as was asked for,
answers can be counted in tokens by counting their words, and their text, told to the model again
in the next turn, becomes the same tokens.
"""

import ctypes
import os
import re
import sys
from pathlib import Path
from typing import Any

import gguf
import llama_cpp
import numpy as np
from numpy.typing import NDArray

ARCHITECTURE = "qwen2"
LAYERS, WIDTH, FEED_FORWARD = 24, 896, 4_864
HEADS, KV_HEADS = 14, 2
VOCABULARY, CONTEXT = 151_936, 32_768
KV_WIDTH = WIDTH // HEADS * KV_HEADS

WORD = re.compile(r"Ġ[a-z]{2,}")
"""Tokens that are a word and the space before it, as the vocabulary writes them."""
SPREAD = 3.0
"""The standard deviation of the logits of words. Every answer takes its own course at that."""
OTHERS = 0.25
"""That of all other tokens, relative to it: none of them ever comes among the 40 likeliest."""
EMBEDDING_SCALE = 0.02
"""Small beside what the layers add to it, or each word would be followed by itself."""
MIXING = 0.3
"""How much attention adds. With more, what all words have in common drowns the last one, and all
answers become the same few words."""
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

Matrix = NDArray[np.float16] | NDArray[np.float32]


def make(tokenizer: Path, cache: Path) -> Path:
    """The model's path; made when it is not there, with the tokeniser of the GGUF `tokenizer`."""
    path = cache / "random-0.5b-q4_k_m.gguf"
    if not path.exists():
        print("Making the model; this takes a minute or two and happens once.", file=sys.stderr)
        cache.mkdir(parents=True, exist_ok=True)
        full, part = path.with_suffix(".f16"), path.with_suffix(".part")
        _write(gguf.GGUFReader(tokenizer), full)
        _quantize(full, part)
        full.unlink()
        part.rename(path)
    return path


def _write(source: gguf.GGUFReader, target: Path) -> None:
    writer = gguf.GGUFWriter(str(target), ARCHITECTURE)
    writer.add_name("Random 0.5B")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    words = _add_tokenizer(source, writer)
    for name, tensor in _tensors(words).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(source: gguf.GGUFReader, writer: gguf.GGUFWriter) -> list[int]:
    """That of `source`, filled up with tokens that no text becomes. Returns the words."""
    fields: dict[str, Any] = {
        name: field.contents()
        for name, field in source.fields.items()
        if name.startswith("tokenizer.")
    }
    tokens = fields["tokenizer.ggml.tokens"]
    missing = VOCABULARY - len(tokens)
    writer.add_tokenizer_model(fields["tokenizer.ggml.model"])
    writer.add_tokenizer_pre(fields["tokenizer.ggml.pre"])
    writer.add_token_list([*tokens, *(f"[unused{index}]" for index in range(missing))])
    types = fields["tokenizer.ggml.token_type"]
    writer.add_token_types([*types, *[int(gguf.TokenType.UNUSED)] * missing])
    writer.add_token_merges(fields["tokenizer.ggml.merges"])
    writer.add_bos_token_id(fields["tokenizer.ggml.bos_token_id"])
    writer.add_eos_token_id(fields["tokenizer.ggml.eos_token_id"])
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    return [index for index, token in enumerate(tokens) if WORD.fullmatch(token)]


def _tensors(words: list[int]) -> dict[str, Matrix]:
    """What is multiplied with has the variance that keeps a vector's length; see He et al. 2015."""
    random = np.random.default_rng(0)

    def matrix(rows: int, columns: int, scale: float = 1.0) -> Matrix:
        values = random.standard_normal((rows, columns), np.float32) * (scale / columns**0.5)
        return values.astype(np.float16)

    def vector(size: int, scale: float) -> Matrix:
        return random.standard_normal(size, np.float32) * np.float32(scale)

    embedding = matrix(VOCABULARY, WIDTH, EMBEDDING_SCALE * WIDTH**0.5)
    is_word = np.zeros(VOCABULARY, bool)
    is_word[words] = True
    embedding[~is_word] *= np.float16(OTHERS)
    # The embeddings give the logits, too: of a vector of variance 1, times this.
    last = SPREAD / (EMBEDDING_SCALE * WIDTH**0.5)
    tensors = {
        "token_embd.weight": embedding,
        "output_norm.weight": np.full(WIDTH, last, np.float32),
    }
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        for name in ("attn", "ffn"):
            tensors[f"{block}.{name}_norm.weight"] = np.ones(WIDTH, np.float32)
        for name, width in (("q", WIDTH), ("k", KV_WIDTH), ("v", KV_WIDTH)):
            tensors[f"{block}.attn_{name}.weight"] = matrix(width, WIDTH)
            tensors[f"{block}.attn_{name}.bias"] = vector(width, 0.1)
        tensors[f"{block}.attn_output.weight"] = matrix(WIDTH, WIDTH, MIXING)
        tensors[f"{block}.ffn_gate.weight"] = matrix(FEED_FORWARD, WIDTH)
        tensors[f"{block}.ffn_up.weight"] = matrix(FEED_FORWARD, WIDTH)
        tensors[f"{block}.ffn_down.weight"] = matrix(WIDTH, FEED_FORWARD)
    return tensors


def _quantize(source: Path, target: Path) -> None:
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M
    parameters.nthread = len(os.sched_getaffinity(0))
    paths = str(source).encode(), str(target).encode()
    if llama_cpp.llama_model_quantize(*paths, ctypes.byref(parameters)):
        raise SystemExit(f"llama.cpp could not quantise {source}.")
