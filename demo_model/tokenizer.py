"""The tokeniser: byte-level BPE in which every digit is a token of its own.

The splitting is that of llama.cpp's pre-tokeniser "smollm", so that both give the same tokens.
"""

from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from demo_model.corpus import dialogues
from demo_model.dialogue import END_OF_TEXT, IM_END, IM_START, ChatMessage

SPECIAL_TOKENS = [END_OF_TEXT, IM_START, IM_END]
GGUF_PRE_TOKENIZER = "smollm"
TRAINING_SEED = 999


def train_tokenizer(path: Path, vocab_size: int, dialogue_count: int = 20_000) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    texts = (
        f"{message['role']}\n{message['content']}"
        for _, messages in zip(range(dialogue_count), dialogues(TRAINING_SEED), strict=False)
        for message in messages
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(path))
    return tokenizer


def special_id(token: str) -> int:
    """The trainer numbers the special tokens first."""
    return SPECIAL_TOKENS.index(token)


def encode(tokenizer: Tokenizer, messages: list[ChatMessage]) -> tuple[list[int], list[bool]]:
    """Token ids of a ChatML dialogue, and which of them are to be learnt: the assistant's."""
    start, end = special_id(IM_START), special_id(IM_END)
    newline = tokenizer.encode("\n").ids
    ids: list[int] = []
    learnt: list[bool] = []
    for message in messages:
        header = len(tokenizer.encode(f"{message['role']}\n").ids)
        text = tokenizer.encode(f"{message['role']}\n{message['content']}").ids
        ids += [start, *text, end, *newline]
        answer = message["role"] == "assistant"
        learnt += (
            [False] * (1 + header) + [answer] * (len(text) - header + 1) + [False] * len(newline)
        )
    return ids, learnt
