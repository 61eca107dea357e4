"""Write a trained checkpoint as a GGUF file with Q8_0 matrices.

python -m demo_model.export --run build/main --out demo_model/parley-demo.gguf
"""

import argparse
import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from demo_model.dialogue import END_OF_TEXT, IM_END
from demo_model.model import ModelConfig
from demo_model.tokenizer import GGUF_PRE_TOKENIZER, SPECIAL_TOKENS

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
NAMES = {"main": "Parley demo", "mini": "Parley demo mini"}

# our name in a block -> name in the GGUF
BLOCK_TENSORS = {
    "attention_norm": "attn_norm",
    "attention.query": "attn_q",
    "attention.key": "attn_k",
    "attention.value": "attn_v",
    "attention.output": "attn_output",
    "feed_forward_norm": "ffn_norm",
    "feed_forward.gate": "ffn_gate",
    "feed_forward.up": "ffn_up",
    "feed_forward.down": "ffn_down",
}


def export(run: Path, target: Path) -> None:
    checkpoint = torch.load(run / "checkpoint.pt", weights_only=True, map_location="cpu")
    config = ModelConfig(**checkpoint["config"])
    weights: dict[str, Tensor] = checkpoint["model"]
    writer = gguf.GGUFWriter(str(target), "llama")
    parameters = sum(weight.numel() for weight in weights.values())
    _add_description(writer, NAMES[checkpoint["size"]], parameters)
    _add_shapes(writer, config)
    _add_tokenizer(writer, json.loads((run / "tokenizer.json").read_text()))
    _add_weights(writer, weights, config)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{target}: {parameters:,} parameters, {target.stat().st_size:,} bytes")


def _add_description(writer: gguf.GGUFWriter, name: str, parameters: int) -> None:
    writer.add_name(name)
    writer.add_description(
        "Tiny demo chat model, trained from scratch on the dialogues of its own generator."
    )
    writer.add_size_label(f"{parameters / 1e6:.1f}M")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def _add_shapes(writer: gguf.GGUFWriter, config: ModelConfig) -> None:
    writer.add_context_length(config.context_length)
    writer.add_embedding_length(config.embedding_length)
    writer.add_block_count(config.block_count)
    writer.add_feed_forward_length(config.feed_forward_length)
    writer.add_head_count(config.head_count)
    writer.add_head_count_kv(config.head_count_kv)
    writer.add_layer_norm_rms_eps(config.rms_eps)
    writer.add_rope_freq_base(config.rope_freq_base)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_vocab_size(config.vocab_size)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: dict[str, Any]) -> None:
    ids: dict[str, int] = tokenizer["model"]["vocab"]
    tokens = sorted(ids, key=ids.__getitem__)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(GGUF_PRE_TOKENIZER)
    writer.add_token_list(tokens)
    writer.add_token_types([control if token in SPECIAL_TOKENS else normal for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(ids[END_OF_TEXT])
    writer.add_pad_token_id(ids[END_OF_TEXT])
    writer.add_eos_token_id(ids[IM_END])
    writer.add_eot_token_id(ids[IM_END])
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def _add_weights(writer: gguf.GGUFWriter, weights: dict[str, Tensor], config: ModelConfig) -> None:
    _add_matrix(writer, "token_embd.weight", weights["embedding.weight"])
    _add_vector(writer, "output_norm.weight", weights["norm.weight"])
    for index in range(config.block_count):
        for ours, theirs in BLOCK_TENSORS.items():
            weight = weights[f"blocks.{index}.{ours}.weight"]
            add = _add_matrix if weight.dim() == 2 else _add_vector
            add(writer, f"blk.{index}.{theirs}.weight", weight)


def _add_matrix(writer: gguf.GGUFWriter, name: str, weight: Tensor) -> None:
    quantised: NDArray[np.uint8] = gguf.quants.quantize(
        weight.float().numpy(), gguf.GGMLQuantizationType.Q8_0
    )
    writer.add_tensor(name, quantised, raw_dtype=gguf.GGMLQuantizationType.Q8_0)


def _add_vector(writer: gguf.GGUFWriter, name: str, weight: Tensor) -> None:
    writer.add_tensor(name, weight.float().numpy())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, required=True, help="the folder that train.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="the GGUF file to write")
    arguments = parser.parse_args()
    export(arguments.run, arguments.out)


if __name__ == "__main__":
    main()
