"""The textual side of a model: its tokens, its chat template."""

import ctypes
import re
from typing import Any

import numpy as np

from inference.engine.backend import ChatMessage, Tools
from inference.engine.llama.library import llama
from inference.engine.llama.template import CHATML, ChatTemplate, any_of
from inference.tools.format import Format
from inference.tools.thoughts import Marks

OF_TURNS = re.compile(r"<([|｜])[^\s<>]+\1>")


class LlamaVocabulary:
    """The textual side of a loaded model; it only reads, so any thread may use it."""

    def __init__(self, model: Any, context: int) -> None:
        self.context = context
        self._model = model
        self._vocab = llama.llama_model_get_vocab(model)
        self.size = llama.llama_vocab_n_tokens(self._vocab)
        self.ends = np.array([token for token in range(self.size) if self._ends(token)], np.intp)
        self.start = self._start()
        self.control = self._control_words()
        self._control = any_of(self.control)
        self._template = ChatTemplate(
            self._source(),
            start=self._text(llama.llama_vocab_bos(self._vocab)),
            end=self._text(llama.llama_vocab_eos(self._vocab)),
            ends=map(self._text, self.ends.tolist()),
            control=self.control,
        )

    @property
    def format(self) -> Format:
        return self._template.format

    @property
    def thoughts(self) -> tuple[Marks, ...]:
        return self._template.thoughts

    def render(self, messages: list[ChatMessage], tools: Tools | None = None) -> str:
        return self._template.render(messages, tools)

    def tokenize(self, text: str) -> list[int]:
        return self._tokens(text, with_start=self._adds_start(text))

    def tokenize_rest(self, text: str) -> list[int] | None:
        """No token reaches over the beginning of a control word."""
        if self._control is None or not self._control.match(text):
            return None
        return self._tokens(text, with_start=False)

    def tokenize_on(self, text: str) -> list[int]:
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

    def _start(self) -> int:
        """Models without a start token have learnt texts that are parted by an end token."""
        start = llama.llama_vocab_bos(self._vocab)
        return int(start if start >= 0 else llama.llama_vocab_eos(self._vocab))

    def _adds_start(self, text: str) -> bool:
        """Whether tokenising adds the start token: not twice, where the template wrote it."""
        start = self._text(llama.llama_vocab_bos(self._vocab))
        return not (start and text.startswith(start))

    def _source(self) -> str:
        template = llama.llama_model_chat_template(self._model, None)
        return template.decode() if template else CHATML

    def _text(self, token: int) -> str:
        return llama.llama_vocab_get_text(self._vocab, token).decode() if token >= 0 else ""

    def _control_words(self) -> dict[str, int]:
        """Texts such as <|im_end|> that the tokeniser reads as the ends and roles of turns."""
        words = {self._text(token): token for token in range(self.size) if self._is_control(token)}
        return {word: token for word, token in words.items() if len(word) > 2}

    def _is_control(self, token: int) -> bool:
        """Some of the words that turns are made of are told as shown ones, by files of DeepSeek's
        models, or by llama.cpp for gpt-oss."""
        if llama.llama_vocab_is_control(self._vocab, token):
            return True
        kind = llama.llama_vocab_get_attr(self._vocab, token)
        is_defined = kind & llama.LLAMA_TOKEN_ATTR_USER_DEFINED
        return bool(is_defined and OF_TURNS.fullmatch(self._text(token)))
