"""A small Llama: RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied embeddings."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class ModelConfig:
    """Shapes of a model. The names follow the keys of a GGUF file."""

    vocab_size: int = 2048
    context_length: int = 1024
    embedding_length: int = 256
    block_count: int = 6
    head_count: int = 8
    head_count_kv: int = 4
    feed_forward_length: int = 704
    rope_freq_base: float = 10_000.0
    rms_eps: float = 1e-5

    @property
    def head_dim(self) -> int:
        return self.embedding_length // self.head_count


SIZES = {"main": ModelConfig(), "mini": ModelConfig(block_count=3)}


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + self.eps)
        return (x * scale * self.weight).to(x.dtype)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions on interleaved pairs, as llama.cpp has them for the "llama" architecture."""
    even, odd = x.reshape(*x.shape[:-1], -1, 2).unbind(-1)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        size, kv_size = config.embedding_length, config.head_count_kv * config.head_dim
        self.query = nn.Linear(size, size, bias=False)
        self.key = nn.Linear(size, kv_size, bias=False)
        self.value = nn.Linear(size, kv_size, bias=False)
        self.output = nn.Linear(size, size, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        query = rotate(self._heads(self.query(x)), cos, sin)
        key = rotate(self._heads(self.key(x)), cos, sin)
        value = self._heads(self.value(x))
        groups = self.config.head_count // self.config.head_count_kv
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        result: Tensor = self.output(mixed.transpose(1, 2).flatten(2))
        return result

    def _heads(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:-1], -1, self.config.head_dim).transpose(1, 2)


class FeedForward(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        size, hidden = config.embedding_length, config.feed_forward_length
        self.gate = nn.Linear(size, hidden, bias=False)
        self.up = nn.Linear(size, hidden, bias=False)
        self.down = nn.Linear(hidden, size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.down(functional.silu(self.gate(x)) * self.up(x))
        return result


class Block(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = RMSNorm(config.embedding_length, config.rms_eps)
        self.attention = Attention(config)
        self.feed_forward_norm = RMSNorm(config.embedding_length, config.rms_eps)
        self.feed_forward = FeedForward(config)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.attention(self.attention_norm(x), cos, sin)
        result: Tensor = x + self.feed_forward(self.feed_forward_norm(x))
        return result


class Model(nn.Module):
    cos: Tensor
    sin: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_length)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.block_count))
        self.norm = RMSNorm(config.embedding_length, config.rms_eps)
        angles = self._angles()
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        self._initialise()

    def hidden(self, tokens: Tensor) -> Tensor:
        """States before the output matrix, (batch, length, embedding_length)."""
        length = tokens.shape[1]
        x: Tensor = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, self.cos[:length], self.sin[:length])
        result: Tensor = self.norm(x)
        return result

    def logits(self, states: Tensor) -> Tensor:
        return functional.linear(states, self.embedding.weight)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.logits(self.hidden(tokens))

    def take_over(self, weights: dict[str, Tensor], block_count: int) -> None:
        """Begin with evenly chosen blocks of a deeper model of the same width."""
        shared = {
            name: weight for name, weight in weights.items() if not name.startswith("blocks.")
        }
        for index in range(self.config.block_count):
            source = index * (block_count - 1) // (self.config.block_count - 1)
            for name in self.blocks[index].state_dict():
                shared[f"blocks.{index}.{name}"] = weights[f"blocks.{source}.{name}"]
        self.load_state_dict(shared)

    def parameter_count(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())

    def _angles(self) -> Tensor:
        dim = self.config.head_dim
        frequencies = self.config.rope_freq_base ** (-torch.arange(0, dim, 2) / dim)
        return torch.outer(torch.arange(self.config.context_length).float(), frequencies)

    def _initialise(self) -> None:
        residual = 1 / math.sqrt(2 * self.config.block_count)
        for name, parameter in self.named_parameters():
            if "embedding" in name:
                nn.init.normal_(parameter, std=0.02)
            elif parameter.dim() == 2:
                into_residual = name.endswith(("output.weight", "down.weight"))
                std = parameter.shape[1] ** -0.5 * (residual if into_residual else 1.0)
                nn.init.normal_(parameter, std=std)
