"""A live answer as it grows on a page: what it says, and what it has thought before."""

from dataclasses import dataclass

from conversations.markdown import BlockStream, Frame
from conversations.thoughts import Thought
from inference.token_log import Tokens


@dataclass(frozen=True)
class Begun:
    """What an answer that goes on had before: nothing, for most."""

    text: str = ""
    thought: str = ""
    thinking_seconds: float | None = None
    tells_seconds: bool = True
    """Whether its reader may know how long it has thought."""


NOTHING = Begun()


@dataclass(frozen=True)
class Grown:
    """What an answer has grown to, or by."""

    answer: Frame
    thought: Thought | None = None
    """Also if nothing is new in it; None while there is none."""


class LiveAnswer:
    """Feed it what is generated; it draws what is new since it did last."""

    def __init__(self, begun: Begun = NOTHING) -> None:
        self.is_new = True
        """Nothing was generated yet."""
        self._answer, self._thought = BlockStream(), BlockStream()
        self._text, self._thoughts = begun.text, begun.thought
        self._has_thought = bool(begun.thought)
        self._is_thinking = not begun.text
        self._seconds = begun.thinking_seconds
        self._tells_seconds = begun.tells_seconds

    def take(self, event: Tokens) -> None:
        self._text += event.text
        self._thoughts += event.thought
        self._has_thought |= bool(event.thought)
        self.is_new &= not (event.text or event.thought)
        self._is_thinking &= not event.text
        if self._tells_seconds and event.thinking_seconds is not None:
            self._seconds = (self._seconds or 0.0) + event.thinking_seconds

    def draw(self) -> Grown:
        text, thoughts = self._text, self._thoughts
        self._text = self._thoughts = ""
        thought = None
        if self._has_thought:
            frame = self._thought.feed(thoughts)
            thought = Thought(frame, self._seconds, is_live=True, is_running=self._is_thinking)
        return Grown(self._answer.feed(text), thought)
