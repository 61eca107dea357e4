"""From the turns of a chat with images to a prompt: of tokens, and of views in their places."""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from inference.engine.backend import ChatMessage, Tools, Vocabulary
from inference.engine.images import ImageError, Picture, Placed, View
from inference.engine.prompt import Prompt, fit


def fit_with_images(
    messages: list[ChatMessage],
    pictures: Mapping[int, Picture],
    vocabulary: Vocabulary,
    max_tokens: int,
    public: int = 0,
    tools: Tools | None = None,
) -> Prompt:
    """As `fit` does it. `pictures` are by the `image` of the parts that show them, a number; those
    in the prompt are still to be looked at.

    Its text is not told: it does not say which images stand in it. Raises PromptTooLong, and
    ImageError for a chat template that ends with an image.
    """
    tokenizer = Illustrated(vocabulary, pictures)
    prompt = fit([tokenizer.marked(m) for m in messages], tokenizer, max_tokens, public, tools)
    placed = tuple(tokenizer.placed(prompt.text))
    if placed and placed[-1].end == len(prompt.tokens):
        raise ImageError("nothing comes after the last image")
    return replace(prompt, text="", images=placed, pictures=tuple(tokenizer.shown(prompt.text)))


class Illustrated:
    """A vocabulary that reads texts with marks for images."""

    def __init__(self, vocabulary: Vocabulary, pictures: Mapping[int, Picture]) -> None:
        self._vocabulary = vocabulary
        self._pictures = pictures
        self._nonce = secrets.token_hex(12)  # or people could write marks
        self._mark = re.compile(rf"{self._nonce}([0-9]+)x")

    @property
    def context(self) -> int:
        return self._vocabulary.context

    def render(self, messages: list[ChatMessage], tools: Tools | None = None) -> str:
        return self._vocabulary.render(messages, tools)

    def tokenize(self, text: str) -> list[int]:
        return [token for part in self._parts(text) for token in _tokens(part)]

    def placed(self, text: str) -> Iterator[Placed]:
        """Where the views of a text stand among its tokens."""
        start = 0
        for part in self._parts(text):
            if isinstance(part, View):
                yield Placed(part, start)
            start += len(_tokens(part))

    def shown(self, text: str) -> list[Picture]:
        """What stands in a text, each once."""
        return [self._pictures[number] for number in dict.fromkeys(self._numbers(text))]

    def marked(self, message: ChatMessage) -> ChatMessage:
        """The message with a text for its content."""
        if not isinstance(message["content"], list):
            return message
        return {**message, "content": "".join(map(self._text, message["content"]))}

    def _text(self, part: Mapping[str, Any]) -> str:
        if part["type"] == "text":
            return str(part["text"])
        return f"{self._nonce}{part['image']}x"

    def _parts(self, text: str) -> list[list[int] | View]:
        first, *following = self._mark.split(text)[::2]
        parts: list[list[int] | View] = [self._vocabulary.tokenize(first)]
        for number, words in zip(self._numbers(text), following, strict=True):
            parts += self._pictures[number].parts
            parts.append(self._vocabulary.tokenize_on(words))
        return parts

    def _numbers(self, text: str) -> list[int]:
        return [int(number) for number in self._mark.findall(text)]


def _tokens(part: list[int] | View) -> list[int]:
    return part.ids if isinstance(part, View) else part
