"""What is asked: random words of the model's vocabulary, a token each, so lengths are exact."""

from functools import cache
from pathlib import Path
from random import Random

import gguf

from bench.model import WORD

TOKENIZER = Path(__file__).parent.parent / "demo_model" / "parley-demo.gguf"
TEMPLATE_TOKENS = 8
"""What the chat template adds to one message, about."""

_random = Random(0)


@cache
def words() -> list[str]:
    tokens = gguf.GGUFReader(TOKENIZER).fields["tokenizer.ggml.tokens"].contents()
    return [token[1:] for token in tokens if WORD.fullmatch(token)]


def text(tokens: int) -> str:
    """Another at each call, so that no cache helps but where a scenario is about it."""
    return " " + " ".join(_random.choices(words(), k=tokens))


def question(tokens: int = 60 - TEMPLATE_TOKENS) -> str:
    """By default one whose prompt has about 60 tokens."""
    return text(tokens)
