"""A model that thinks: it always says `SAID`, after a thought that its chat template opens.

The token that it says next depends on the last one alone, so that none may come twice. Many layers
that change nothing give it time.
"""

from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from inference.engine.llama import LlamaVocabulary, load_vocabulary
from tests.slow_model import copy_tokenizer

WIDTH, HEADS, FEED_FORWARD, LAYERS, CONTEXT = 64, 4, 64, 240, 1024
CERTAINTY = 8.0
THOUGHT = "The question is short, so let me see what this person may want to know **first** of all."
ANSWER = "It was a good day"
SAID = f"{THOUGHT}</think>{ANSWER}"
TEMPLATE = """\
{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content.split('</think>')[-1] }}<|im_end|>
{% endfor %}<|im_start|>assistant
{{ '<think>\\n' }}"""


def write(source: Path, target: Path) -> None:
    """`source` is the GGUF whose tokeniser is taken over."""
    vocabulary = load_vocabulary(source, CONTEXT)
    writer = gguf.GGUFWriter(str(target), "llama")
    writer.add_name("Thinking")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    size = copy_tokenizer(
        gguf.GGUFReader(source), writer, without={gguf.Keys.Tokenizer.CHAT_TEMPLATE}
    )
    writer.add_chat_template(TEMPLATE)
    for name, tensor in _tensors(size, _chain(vocabulary)).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _chain(vocabulary: LlamaVocabulary) -> list[int]:
    """From the prompt's last token to the one that ends the answer."""
    last = vocabulary.tokenize_on("<think>\n")[-1]
    chain = [last, *vocabulary.tokenize_on(SAID), int(vocabulary.ends[0])]
    assert len(set(chain)) == len(chain), list(map(vocabulary.piece, chain))
    return chain


def _tensors(vocabulary: int, chain: list[int]) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)
    embeddings = random.standard_normal((vocabulary, WIDTH)).astype(np.float32)
    output = np.zeros((vocabulary, WIDTH), np.float32)
    for token, following in pairwise(chain):
        output[following] = CERTAINTY * embeddings[token] / np.linalg.norm(embeddings[token])
    ones = np.ones(WIDTH, np.float32)
    tensors = {"token_embd.weight": embeddings, "output.weight": output}
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        tensors |= {f"{block}.{name}_norm.weight": ones for name in ("attn", "ffn")}
        shapes = dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_output"), (WIDTH, WIDTH))
        shapes |= dict.fromkeys(("ffn_gate", "ffn_up"), (FEED_FORWARD, WIDTH))
        shapes["ffn_down"] = (WIDTH, FEED_FORWARD)
        zeros = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
        tensors |= {f"{block}.{name}.weight": zero for name, zero in zeros.items()}
    return tensors | {"output_norm.weight": ones}
