"""What a run starts from."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.models import AIModel, Generation


@dataclass(frozen=True)
class Ask:
    """The messages of a chat, or a text to go on with or to embed."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    """As OpenAI's chat completions have them; content is a text, or None beside tool calls, or
    with images a list of parts: `{"type": "text", "text": …}`, `{"type": "image", "image": …}`."""
    tools: dict[str, Any] = field(default_factory=dict)
    """What the model may call, see inference.tools; nothing if empty."""
    text: str | list[int] | list[str] | list[list[int]] | None = None
    """Or the ids of its tokens. To embed: a list of such."""
    begun: str | list[int] | None = None
    """What the answer begins with, in words or tokens: the run goes on after it. To score: the
    tokens of the whole answer."""
    kind: Generation.Kind = Generation.Kind.CHAT
    images: Sequence[bytes] = ()
    """The files that parts of messages name by their numbers here."""

    @property
    def count(self) -> int:
        """Of texts that each may fill the model's context."""
        if self.kind == Generation.Kind.EMBEDDING and isinstance(self.text, list):
            return len(self.text)
        return 1

    @property
    def size(self) -> int:
        """Of all that the model has to read, in bytes of UTF-8; four to an id of a token. Without
        images."""
        if self.text is not None:
            return _size(self.text)
        texts = [text for message in self.messages for text in _texts(message["content"])]
        calls = [message["tool_calls"] for message in self.messages if "tool_calls" in message]
        texts += [json.dumps(part, ensure_ascii=False) for part in (self.tools, calls) if part]
        return sum(len(text.encode()) for text in texts if text) + _size(self.begun or [])


def with_system_prompt(model: AIModel, ask: Ask) -> tuple[list[dict[str, Any]], int]:
    """The messages of a chat with the model's system prompt, if they have none; and how many of
    the first ones are public."""
    messages = ask.messages
    if ask.kind not in (Generation.Kind.CHAT, Generation.Kind.SCORE):
        return messages, 0
    published = {"role": "system", "content": model.system_prompt}
    if model.system_prompt and not (messages and messages[0]["role"] == "system"):
        messages = [published, *messages]
    return messages, int(bool(model.system_prompt) and messages[0] == published)


def _texts(content: Any) -> list[Any]:
    if isinstance(content, list):
        return [part["text"] for part in content if part["type"] == "text"]
    return [content]


def _size(text: Any) -> int:
    match text:
        case str():
            return len(text.encode())
        case list():
            return sum(map(_size, text))
    return 4
