"""What a dialogue is made of: turns, and the habits and facts of the person who types them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple, TypedDict

from demo_model.grammar import CLOSINGS, OPENINGS, capitalise, chop, mistype

IM_START, IM_END, END_OF_TEXT = "<|im_start|>", "<|im_end|>", "<|endoftext|>"


class ChatMessage(TypedDict):
    role: str
    content: str


class Turn(NamedTuple):
    """One question and its answer, which is a list of Markdown blocks."""

    question: str
    answer: list[str]


@dataclass
class Speaker:
    """The person in one dialogue: how they type, and what the model knows of them."""

    lower_case: bool = False
    careless: bool = False
    unpunctuated: bool = False
    polite: bool = False
    facts: dict[str, str] = field(default_factory=dict)
    persona: str | None = None

    @classmethod
    def draw(cls, rng: Random) -> "Speaker":
        return cls(
            lower_case=rng.random() < 0.35,
            careless=rng.random() < 0.22,
            unpunctuated=rng.random() < 0.35,
            polite=rng.random() < 0.25,
        )

    def types(self, rng: Random, text: str, mark: str = "?", copied: str = "") -> str:
        """The text as this person would type it. The words of `copied` are left as they are."""
        if not copied and rng.random() < 0.06:
            text = chop(rng, text)
        if self.polite and rng.random() < 0.5:
            text = (
                rng.choice(OPENINGS) + text if rng.random() < 0.5 else text + rng.choice(CLOSINGS)
            )
        if self.careless and rng.random() < 0.6:
            text = mistype(rng, text, frozenset(copied.split(" ")))
        if self.careless and rng.random() < 0.4:
            text = text.replace("'", "")
        text = self.cases(text) if not copied else capitalise(text)
        if self.lower_case and copied:
            text = text[0].lower() + text[1:]
        return self._punctuates(rng, text, mark)

    def cases(self, text: str) -> str:
        return text.lower() if self.lower_case else capitalise(text)

    def _punctuates(self, rng: Random, text: str, mark: str) -> str:
        if text[-1] in ".!?:":
            return text
        if self.unpunctuated or rng.random() < 0.1:
            return text
        return text + (mark if mark != "." or rng.random() < 0.6 else "")


Skill = Callable[[Random, Speaker], Turn]


def render(messages: list[ChatMessage], add_generation_prompt: bool = False) -> str:
    """The messages as ChatML text."""
    text = "".join(f"{IM_START}{m['role']}\n{m['content']}{IM_END}\n" for m in messages)
    return text + f"{IM_START}assistant\n" if add_generation_prompt else text
