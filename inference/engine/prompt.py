"""From the turns of a chat to the tokens of a prompt that fits the model's context."""

from dataclasses import dataclass, replace

from inference.engine.backend import ChatMessage, Tokenizer, Tools
from inference.engine.images import Picture, Placed

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
    public: int = 0
    """So many first tokens are the same for everybody."""
    text: str = ""
    begun: tuple[int, ...] = ()
    """The last of `tokens`: what the answer begins with."""
    forced: tuple[int, ...] = ()
    """The whole answer, where it is there and only to be scored."""
    images: tuple[Placed, ...] = ()
    pictures: tuple[Picture, ...] = ()
    """Whose views these are."""


def fit(
    messages: list[ChatMessage],
    tokenizer: Tokenizer,
    max_tokens: int,
    public: int = 0,
    tools: Tools | None = None,
) -> Prompt:
    """The prompt with the latest turns that fit. Instructions are always kept.

    A turn is a question with all that came of it, so that no result is parted from its call. The
    first `public` messages are no secret of anybody, `tools` are. Raises PromptTooLong when
    instructions and last turn alone leave no room.
    """
    most = tokenizer.context - min(max_tokens, tokenizer.context // SHARE_FOR_ANSWER)
    text = tokenizer.render(messages, tools)
    dropped = 0
    while len(tokens := tokenizer.tokenize(text)) > most:
        dropped += _stride(messages)
        shorter = _without_oldest_turns(messages, dropped)
        if shorter is None:
            raise PromptTooLong(len(tokens), most)
        text = tokenizer.render(shorter, tools)
    left = min(max_tokens, tokenizer.context - len(tokens))
    return Prompt(tokens, left, _public_tokens(messages[:public], tokens, tokenizer), text)


def extended(prompt: Prompt, text: str, tokens: list[int], context: int) -> Prompt:
    """With this text, of these tokens, at its end. Raises PromptTooLong."""
    longer = after(prompt, tokens, prompt.max_tokens, context)
    return replace(longer, begun=(), text=prompt.text and prompt.text + text)


def after(prompt: Prompt, begun: list[int], max_tokens: int, context: int) -> Prompt:
    """To go on with an answer that begins so. Raises PromptTooLong."""
    tokens = prompt.tokens + begun
    if len(tokens) >= context:
        raise PromptTooLong(len(tokens), context - 1)
    left = min(max_tokens, context - len(tokens))
    return replace(prompt, tokens=tokens, max_tokens=left, begun=tuple(begun))


def to_score(prompt: Prompt, answer: list[int], context: int) -> Prompt:
    """To say this answer and nothing else. Raises PromptTooLong."""
    if len(prompt.tokens) + len(answer) > context:
        raise PromptTooLong(len(prompt.tokens) + len(answer), context)
    return replace(prompt, max_tokens=len(answer), forced=tuple(answer))


def next_turn(
    messages: list[ChatMessage], answer: str, tokenizer: Tokenizer, tools: Tools | None = None
) -> list[int]:
    """What the prompt of this chat's next turn begins with, whatever will be asked."""
    chat = [*messages, {"role": "assistant", "content": answer}]
    first, second = _asked(chat, tokenizer, tools)
    return first[: _common(first, second)]


def _stride(messages: list[ChatMessage]) -> int:
    """How many turns to drop at once: the next messages then find the same beginning, whose
    tokens are in the KV cache, where dropping turn by turn would change it each time."""
    turns = len([m for m in messages if m["role"] == "user"])
    return 1 << max(0, (turns // 2).bit_length() - 1)


def _without_oldest_turns(messages: list[ChatMessage], count: int) -> list[ChatMessage] | None:
    """Without so many questions and their answers, but with the last; None: it is alone."""
    instructions = [m for m in messages if m["role"] == "system"]
    turns = [m for m in messages if m["role"] != "system"]
    # What comes before the first question counts as part of it.
    questions = [0, *(at for at, m in enumerate(turns) if m["role"] == "user" and at > 0)]
    if len(questions) == 1 or count >= len(questions) + _stride(messages) - 1:
        return None
    return instructions + turns[questions[min(count, len(questions) - 1)] :]


def _public_tokens(public: list[ChatMessage], tokens: list[int], tokenizer: Tokenizer) -> int:
    """How far the prompt is that of anybody who says something else after the public messages."""
    return min(_common(tokens, other) for other in _asked(public, tokenizer))


def _asked(
    messages: list[ChatMessage], tokenizer: Tokenizer, tools: Tools | None = None
) -> list[list[int]]:
    """Two prompts that go on differently: from whatever is asked here, one of them differs."""
    chats = ([*messages, {"role": "user", "content": something}] for something in ("a", "b"))
    return [tokenizer.tokenize(tokenizer.render(chat, tools)) for chat in chats]


def _common(one: list[int], other: list[int]) -> int:
    """How many tokens both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
