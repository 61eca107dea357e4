"""A chat model with a vocabulary like those of real families: a token for each byte, and words that
the tokeniser reads as one token. Random weights, so that it writes noise."""

from collections.abc import Iterable
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

WIDTH, HEADS, FEED_FORWARD, CONTEXT = 32, 2, 64, 4096
NORMAL, CONTROL, USER_DEFINED = (
    int(kind)
    for kind in (gguf.TokenType.NORMAL, gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED)
)
PRINTED = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), 256)]
"""Bytes that stand for themselves in a vocabulary of GPT-2's kind."""


def write(path: Path, template: str, control: Iterable[str], shown: Iterable[str]) -> Path:
    """The first of the `control` words ends an answer. The text of `shown` words is shown."""
    control, shown = list(control), list(shown)
    words = [*_bytes(), "th", *control, *shown]
    kinds = [NORMAL] * 257 + [CONTROL] * len(control) + [USER_DEFINED] * len(shown)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("Tiny chat")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(words)
    writer.add_token_types(kinds)
    writer.add_token_merges(["t h"])
    writer.add_bos_token_id(257)
    writer.add_eos_token_id(257)
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)
    for name, tensor in _tensors(len(words)).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _bytes() -> list[str]:
    """The token of each byte."""
    others = iter(range(256, 512))
    return [chr(byte if byte in PRINTED else next(others)) for byte in range(256)]


def _tensors(vocabulary: int) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)

    def matrix(rows: int, columns: int) -> NDArray[np.float32]:
        return (random.standard_normal((rows, columns)) / columns**0.5).astype(np.float32)

    ones = np.ones(WIDTH, np.float32)
    block = {f"{name}_norm": ones for name in ("attn", "ffn")}
    block |= {name: matrix(WIDTH, WIDTH) for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
    block |= {name: matrix(FEED_FORWARD, WIDTH) for name in ("ffn_gate", "ffn_up")}
    block["ffn_down"] = matrix(WIDTH, FEED_FORWARD)
    return {
        "token_embd.weight": matrix(vocabulary, WIDTH),
        "output.weight": matrix(vocabulary, WIDTH),
        "output_norm.weight": ones,
    } | {f"blk.0.{name}.weight": tensor for name, tensor in block.items()}
