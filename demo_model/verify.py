"""Check that llama.cpp and PyTorch agree: same tokens, same greedy answers.

    python -m demo_model.verify --run build/main --gguf demo_model/parley-demo.gguf

Q8_0 rounds weights and activations, so a few answers may part at a near tie; the tokens must all be
equal.
"""

import argparse
from itertools import islice
from pathlib import Path

import llama_cpp  # noqa: TID251 (a tool of its own, outside of the server)
import torch
from tokenizers import Tokenizer

from demo_model.corpus import dialogues
from demo_model.dialogue import IM_END, IM_START, ChatMessage, render
from demo_model.model import Model, ModelConfig
from demo_model.tokenizer import encode, special_id

SEED = 4242
ANSWER_LENGTH = 80
STRANGE_TEXTS = [
    "Héllo wörld — naïve café",
    "日本語 emoji 🎉 ok",
    "a  b   c\n\n\td",
    "x=3.14159; y=[1,2,3]",
    "don't we'll I'm",
    "1234567 abc123 ١٢٣ ½ 2² Ⅷ 12  34",
    "   lead and trail   ",
    "ALL CAPS!!! ???",
    "```python\nprint('x')\n```",
]


def load_model(run: Path) -> Model:
    checkpoint = torch.load(run / "checkpoint.pt", weights_only=True, map_location="cpu")
    model = Model(ModelConfig(**checkpoint["config"]))
    model.load_state_dict(checkpoint["model"])
    return model


@torch.no_grad()
def greedy(model: Model, prompt: list[int], end: int) -> list[int]:
    ids = list(prompt)
    while len(ids) < len(prompt) + ANSWER_LENGTH:
        token = int(model(torch.tensor([ids]))[0, -1].argmax())
        if token == end:
            break
        ids.append(token)
    return ids[len(prompt) :]


def greedy_llama(llama: llama_cpp.Llama, prompt: list[int], end: int) -> list[int]:
    llama.reset()
    answer: list[int] = []
    for token in llama.generate(prompt, temp=0.0, repeat_penalty=1.0):
        if token == end or len(answer) == ANSWER_LENGTH:
            break
        answer.append(token)
    return answer


def prompt_of(tokenizer: Tokenizer, messages: list[ChatMessage]) -> list[int]:
    ids, _ = encode(tokenizer, messages)
    return [*ids, special_id(IM_START), *tokenizer.encode("assistant\n").ids]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--count", type=int, default=25)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(arguments.run / "tokenizer.json"))
    model = load_model(arguments.run)
    llama = llama_cpp.Llama(str(arguments.gguf), n_ctx=1024, n_threads=1, verbose=False)
    end = special_id(IM_END)
    questions = [messages[:-1] for messages in islice(dialogues(SEED), arguments.count)]
    prompts = [prompt_of(tokenizer, messages) for messages in questions]
    tokenised = sum(
        llama.tokenize(render(messages, True).encode(), add_bos=False, special=True) == prompt
        for messages, prompt in zip(questions, prompts, strict=True)
    ) + sum(
        llama.tokenize(text.encode(), add_bos=False) == tokenizer.encode(text).ids
        for text in STRANGE_TEXTS
    )
    equal = sum(
        greedy(model, prompt, end) == greedy_llama(llama, prompt, end) for prompt in prompts
    )
    print(f"tokens equal in {tokenised} of {len(prompts) + len(STRANGE_TEXTS)} texts")
    print(f"greedy answers equal in {equal} of {len(prompts)} dialogues")


if __name__ == "__main__":
    main()
