"""A model that never comes to an end and takes its time: to stop, reload and crash in mid-stream.

Random weights over the demo model's vocabulary. Many thin layers make it slow (each costs a few
barriers between threads) while the file stays small.
"""

from collections.abc import Container
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

WIDTH, HEADS, FEED_FORWARD, LAYERS, CONTEXT = 64, 4, 128, 80, 4096
CONTROL_TOKENS = 3


def write(source: Path, target: Path) -> None:
    """`source` is the GGUF whose tokeniser is taken over."""
    writer = gguf.GGUFWriter(str(target), "llama")
    writer.add_name("Slow")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    size = copy_tokenizer(gguf.GGUFReader(source), writer)
    for name, tensor in _tensors(size).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def copy_tokenizer(
    reader: gguf.GGUFReader, writer: gguf.GGUFWriter, without: Container[str] = ()
) -> int:
    """All that a GGUF says of its tokens. Returns how many they are."""
    for name, item in reader.fields.items():
        if name.startswith("tokenizer.") and name not in without:
            inner = item.types[1] if item.types[0] is gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(name, item.contents(), item.types[0], inner)
    return len(reader.fields["tokenizer.ggml.tokens"].data)


def _tensors(vocabulary: int) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)

    def matrix(rows: int, columns: int, scale: float = 1.0) -> NDArray[np.float32]:
        return (random.standard_normal((rows, columns)) * scale / columns**0.5).astype(np.float32)

    ones = np.ones(WIDTH, np.float32)
    output = matrix(vocabulary, WIDTH, scale=2.5)
    output[:CONTROL_TOKENS] = 0  # never among the likeliest, so it never ends
    tensors = {"token_embd.weight": matrix(vocabulary, WIDTH, 8), "output.weight": output}
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        tensors |= {f"{block}.{name}_norm.weight": ones for name in ("attn", "ffn")}
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"{block}.{name}.weight"] = matrix(WIDTH, WIDTH)
        for name in ("ffn_gate", "ffn_up"):
            tensors[f"{block}.{name}.weight"] = matrix(FEED_FORWARD, WIDTH)
        tensors[f"{block}.ffn_down.weight"] = matrix(WIDTH, FEED_FORWARD, 0.3)
    return tensors | {"output_norm.weight": ones}
