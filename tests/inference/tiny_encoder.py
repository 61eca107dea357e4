"""A model like BERT, which reads a text as a whole: random weights, its words are letters."""

import string
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

WIDTH, HEADS, FEED_FORWARD, LAYERS, CONTEXT = 32, 4, 64, 2, 64
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = string.ascii_lowercase + string.digits + string.punctuation
TOKENS = SPECIAL + ["▁" + letter for letter in LETTERS] + list(LETTERS)
"""As the file format writes word pieces: a mark before those that begin a word."""


def write(path: Path, pooling: gguf.PoolingType | None = gguf.PoolingType.CLS) -> Path:
    """`pooling` is what the file says of it, if it says anything."""
    writer = gguf.GGUFWriter(str(path), "bert")
    writer.add_name("Tiny encoder")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    if pooling is not None:
        writer.add_pooling_type(pooling)
    _add_tokenizer(writer)
    for name, tensor in _tensors().items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tokenizer(writer: gguf.GGUFWriter) -> None:
    normal, control = int(gguf.TokenType.NORMAL), int(gguf.TokenType.CONTROL)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(TOKENS)
    writer.add_token_types([control if token in SPECIAL else normal for token in TOKENS])
    writer.add_token_type_count(2)
    writer.add_pad_token_id(0)
    writer.add_unk_token_id(1)
    writer.add_bos_token_id(2)
    writer.add_sep_token_id(3)
    writer.add_mask_token_id(4)


def _tensors() -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)

    def matrix(rows: int, columns: int, scale: float = 1.0) -> NDArray[np.float32]:
        return (random.standard_normal((rows, columns)) * scale / columns**0.5).astype(np.float32)

    def norm(name: str) -> dict[str, NDArray[np.float32]]:
        return {
            f"{name}.weight": np.ones(WIDTH, np.float32),
            f"{name}.bias": np.zeros(WIDTH, np.float32),
        }

    tensors = {
        "token_embd.weight": matrix(len(TOKENS), WIDTH, 8),
        "token_types.weight": matrix(2, WIDTH),
        "position_embd.weight": matrix(CONTEXT, WIDTH, 4),
    } | norm("token_embd_norm")
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"{block}.{name}.weight"] = matrix(WIDTH, WIDTH, 2)
            tensors[f"{block}.{name}.bias"] = np.zeros(WIDTH, np.float32)
        tensors |= norm(f"{block}.attn_output_norm") | norm(f"{block}.layer_output_norm")
        tensors[f"{block}.ffn_up.weight"] = matrix(FEED_FORWARD, WIDTH)
        tensors[f"{block}.ffn_up.bias"] = np.zeros(FEED_FORWARD, np.float32)
        tensors[f"{block}.ffn_down.weight"] = matrix(WIDTH, FEED_FORWARD)
        tensors[f"{block}.ffn_down.bias"] = np.zeros(WIDTH, np.float32)
    return tensors
