"""Models that see, with random weights: a language model and a projector, which go together.

What they say means nothing, but depends on each pixel that they are shown.
"""

from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from tests.slow_model import copy_tokenizer

WIDTH, HEADS, FEED_FORWARD, LAYERS, CONTEXT = 64, 4, 96, 3, 2048
EYE_WIDTH, EYE_FEED_FORWARD, EYE_LAYERS, PATCH = 32, 48, 2, 8
SIDE = 64
"""Of an image in pixels, where the projector takes only one size."""

PROJECTORS = {"janus_pro": "llama", "gemma3": "llama", "qwen2vl_merger": "qwen2vl"}
"""Each kind with its language model: rows one after the other, rows that look at each other, and
rows with height and width."""
TOKENS = {"janus_pro": 64, "gemma3": 4, "qwen2vl_merger": 16}
"""Of an image of SIDE × SIDE pixels."""

Tensors = dict[str, NDArray[np.float32]]


def write(source: Path, folder: Path, kind: str) -> tuple[Path, Path]:
    """The language model, which takes its tokeniser from the GGUF `source`, and the projector."""
    model, projector = folder / f"{kind}.gguf", folder / f"mmproj-{kind}.gguf"
    _write_model(source, model, PROJECTORS[kind])
    write_projector(projector, kind)
    return model, projector


def _write_model(source: Path, target: Path, architecture: str) -> None:
    writer = gguf.GGUFWriter(str(target), architecture)
    writer.add_name("Tiny eyes")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    if architecture == "qwen2vl":
        writer.add_rope_dimension_sections([2, 3, 3, 0])
    size = copy_tokenizer(gguf.GGUFReader(source), writer)
    _finish(writer, _model_tensors(size))


def write_projector(target: Path, kind: str, width: int = WIDTH) -> None:
    """For a language model of that width."""
    writer = gguf.GGUFWriter(str(target), "clip")
    writer.add_type("mmproj")
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type(kind)
    writer.add_vision_image_size(SIDE)
    writer.add_vision_patch_size(PATCH)
    writer.add_vision_embedding_length(EYE_WIDTH)
    writer.add_vision_feed_forward_length(EYE_FEED_FORWARD)
    writer.add_vision_block_count(EYE_LAYERS)
    writer.add_vision_projection_dim(width)
    writer.add_vision_head_count(2)
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_vision_image_mean([0.5, 0.5, 0.5])
    writer.add_vision_image_std([0.5, 0.5, 0.5])
    writer.add_vision_use_gelu(True)
    _finish(writer, _projector_tensors(kind, width))


def _finish(writer: gguf.GGUFWriter, tensors: Tensors) -> None:
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class _Random:
    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def weights(self, *shape: int, scale: float = 1.0) -> NDArray[np.float32]:
        inputs = int(np.prod(shape[1:]))
        return (self._random.standard_normal(shape) * scale / inputs**0.5).astype(np.float32)

    def linear(self, name: str, outputs: int, inputs: int, scale: float = 1.0) -> Tensors:
        return {
            f"{name}.weight": self.weights(outputs, inputs, scale=scale),
            f"{name}.bias": np.zeros(outputs, np.float32),
        }


def _model_tensors(vocabulary: int) -> Tensors:
    random = _Random()
    ones = np.ones(WIDTH, np.float32)
    tensors = {
        "token_embd.weight": random.weights(vocabulary, WIDTH, scale=8),
        "output.weight": random.weights(vocabulary, WIDTH, scale=2.5),
        "output_norm.weight": ones,
    }
    tensors["output.weight"][:3] = 0  # the control tokens, so that it never ends
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        tensors |= {f"{block}.{name}_norm.weight": ones for name in ("attn", "ffn")}
        for name in ("attn_q", "attn_k", "attn_v"):
            tensors |= random.linear(f"{block}.{name}", WIDTH, WIDTH, scale=2)
        tensors[f"{block}.attn_output.weight"] = random.weights(WIDTH, WIDTH, scale=4)
        for name in ("ffn_gate", "ffn_up"):
            tensors[f"{block}.{name}.weight"] = random.weights(FEED_FORWARD, WIDTH)
        tensors[f"{block}.ffn_down.weight"] = random.weights(WIDTH, FEED_FORWARD)
    return tensors


def _projector_tensors(kind: str, width: int) -> Tensors:
    random = _Random()
    patches = (SIDE // PATCH) ** 2
    tensors = {"v.patch_embd.weight": random.weights(EYE_WIDTH, 3, PATCH, PATCH, scale=4)}
    for layer in range(EYE_LAYERS):
        tensors |= _eye_layer(random, f"v.blk.{layer}")
    tensors |= _norm("v.post_ln")
    if kind != "qwen2vl_merger":
        tensors["v.position_embd.weight"] = random.weights(patches, EYE_WIDTH, scale=2)
    match kind:
        case "gemma3":
            tensors["mm.input_projection.weight"] = random.weights(EYE_WIDTH, width, scale=8)
            tensors["mm.soft_emb_norm.weight"] = np.ones(EYE_WIDTH, np.float32)
        case "janus_pro":
            tensors |= random.linear("mm.0", EYE_WIDTH, EYE_WIDTH)
            tensors |= random.linear("mm.1", width, EYE_WIDTH, scale=8)
        case "qwen2vl_merger":
            tensors["v.patch_embd.weight.1"] = random.weights(EYE_WIDTH, 3, PATCH, PATCH)
            tensors |= random.linear("mm.0", 4 * EYE_WIDTH, 4 * EYE_WIDTH)
            tensors |= random.linear("mm.2", width, 4 * EYE_WIDTH, scale=8)
    return tensors


def _eye_layer(random: _Random, block: str) -> Tensors:
    tensors = _norm(f"{block}.ln1") | _norm(f"{block}.ln2")
    for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
        tensors |= random.linear(f"{block}.{name}", EYE_WIDTH, EYE_WIDTH)
    tensors |= random.linear(f"{block}.ffn_up", EYE_FEED_FORWARD, EYE_WIDTH)
    return tensors | random.linear(f"{block}.ffn_down", EYE_WIDTH, EYE_FEED_FORWARD)


def _norm(name: str) -> Tensors:
    return {
        f"{name}.weight": np.ones(EYE_WIDTH, np.float32),
        f"{name}.bias": np.zeros(EYE_WIDTH, np.float32),
    }
