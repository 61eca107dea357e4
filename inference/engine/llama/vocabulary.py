"""The textual side of a model: its tokens, its chat template."""

import ctypes
import re
from typing import Any

import numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from inference.engine.backend import ChatMessage
from inference.engine.llama.library import llama

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}<|im_start|>assistant\n"
)


class LlamaVocabulary:
    """The textual side of a loaded model; it only reads, so any thread may use it."""

    def __init__(self, model: Any, context: int) -> None:
        self.context = context
        self._model = model
        self._vocab = llama.llama_model_get_vocab(model)
        self.size = llama.llama_vocab_n_tokens(self._vocab)
        self.ends = np.array([token for token in range(self.size) if self._ends(token)], np.intp)
        self._control = self._control_words()
        self._formatter = Jinja2ChatFormatter(
            self._template(),
            eos_token=self._text(llama.llama_vocab_eos(self._vocab)),
            bos_token=self._text(llama.llama_vocab_bos(self._vocab)),
        )

    def render(self, messages: list[ChatMessage]) -> str:
        safe = [{**m, "content": self._disarm(m["content"])} for m in messages]
        try:
            return str(self._formatter(messages=safe).prompt)
        except Exception:
            if safe[0]["role"] != "system" or len(safe) < 2:
                raise
            # Some templates know no instructions: say them at the start of the first turn.
            first = {**safe[1], "content": f"{safe[0]['content']}\n\n{safe[1]['content']}"}
            return str(self._formatter(messages=[first, *safe[2:]]).prompt)

    def tokenize(self, text: str) -> list[int]:
        return self._tokens(text, with_start=self._adds_start(text))

    def tokenize_rest(self, text: str) -> list[int] | None:
        """No token reaches over the beginning of a control word."""
        if self._control is None or not self._control.match(text):
            return None
        return self._tokens(text, with_start=False)

    def _tokens(self, text: str, with_start: bool) -> list[int]:
        raw = text.encode("utf-8", "replace")
        tokens = (llama.llama_token * (len(raw) + 2))()
        count = llama.llama_tokenize(
            self._vocab, raw, len(raw), tokens, len(tokens), with_start, True
        )
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(64)
        count = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        if count < 0:
            buffer = ctypes.create_string_buffer(-count)
            count = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        return buffer.raw[:count]

    def _ends(self, token: int) -> bool:
        return bool(llama.llama_vocab_is_eog(self._vocab, token))

    def _adds_start(self, text: str) -> bool:
        """Whether tokenising adds the start token: not twice, where the template wrote it."""
        start = self._text(llama.llama_vocab_bos(self._vocab))
        return not (start and text.startswith(start))

    def _template(self) -> str:
        template = llama.llama_model_chat_template(self._model, None)
        return template.decode() if template else CHATML

    def _text(self, token: int) -> str:
        return llama.llama_vocab_get_text(self._vocab, token).decode() if token >= 0 else ""

    def _control_words(self) -> re.Pattern[str] | None:
        """Texts such as <|im_end|> that the tokeniser reads as the ends and roles of turns."""
        words = {
            self._text(token)
            for token in range(self.size)
            if llama.llama_vocab_is_control(self._vocab, token)
        }
        words = {word for word in words if len(word) > 2}
        if not words:
            return None
        return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))

    def _disarm(self, content: str) -> str:
        """Break up control words in what people wrote, so that nobody speaks in another's role."""
        if self._control is None:
            return content
        return self._control.sub(lambda found: found[0][0] + "\u200b" + found[0][1:], content)
