"""From the turns of a chat to the tokens of a prompt that fits the model's context."""

from dataclasses import dataclass

from inference.engine.backend import ChatMessage, Vocabulary

SHARE_FOR_ANSWER = 4
"""At least one part in this many of the context is kept for the answer, if it may be so long."""


class PromptTooLong(Exception):
    """Not even the last message alone fits."""

    def __init__(self, tokens: int, most: int) -> None:
        super().__init__(f"the prompt has {tokens} tokens; at most {most} fit")
        self.tokens = tokens
        self.most = most


@dataclass(frozen=True)
class Prompt:
    tokens: list[int]
    max_tokens: int
    """What was asked for, or what the context leaves."""


def fit(messages: list[ChatMessage], vocabulary: Vocabulary, max_tokens: int) -> Prompt:
    """The prompt with as many of the latest turns as fit. Instructions are always kept.

    Raises PromptTooLong when instructions and last message alone leave no room.
    """
    most = vocabulary.context - min(max_tokens, vocabulary.context // SHARE_FOR_ANSWER)
    while True:
        tokens = vocabulary.tokenize(vocabulary.render(messages))
        if len(tokens) <= most:
            return Prompt(tokens, min(max_tokens, vocabulary.context - len(tokens)))
        shorter = _without_oldest_turn(messages)
        if len(shorter) == len(messages):
            raise PromptTooLong(len(tokens), most)
        messages = shorter


def _without_oldest_turn(messages: list[ChatMessage]) -> list[ChatMessage]:
    """Drop what comes before the second question; the first thing after instructions is one."""
    instructions = [m for m in messages if m["role"] == "system"]
    turns = [m for m in messages if m["role"] != "system"]
    questions = [at for at, m in enumerate(turns) if m["role"] == "user"]
    start = next((at for at in questions if at > 0), 0)
    return instructions + turns[start:]
