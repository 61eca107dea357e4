"""Objects of OpenAI's older API that answer a request for a text's continuation."""

from typing import Any

from inference.api import sse
from inference.api.openai.answers import has_logprobs, head, usage
from inference.api.openai.logprobs import ShownTokens, of_text
from inference.api.parts import Reading
from inference.models import Generation
from inference.token_log import Ended, Event, TokenLogprob, Tokens


class TextChoice:
    """One text as it comes in; `before` goes in front of it."""

    def __init__(self, generation: Generation, before: str) -> None:
        self.before = before
        self._reading = Reading(generation)
        self._has_logprobs = has_logprobs(generation)
        self._logprobs: list[TokenLogprob] = []
        self._shown = ShownTokens()

    def take(self, event: Event) -> str:
        """The text that is new."""
        self._reading.take(event)
        if not isinstance(event, Tokens):
            return ""
        self._logprobs += self._shown.due(event)
        return event.text

    @property
    def text(self) -> str:
        return self.before + self._reading.text

    @property
    def finish_reason(self) -> str:
        return self._reading.finish_reason

    def due_logprobs(self) -> dict[str, Any] | None:
        """Of tokens that were not told yet."""
        due, self._logprobs = self._logprobs, []
        return of_text(due, len(self.before)) if self._has_logprobs else None


class TextCompletion:
    """An answer in one piece."""

    def __init__(self, generations: list[Generation], before: list[str]) -> None:
        self._generations = generations
        self._choices = [TextChoice(*each) for each in zip(generations, before, strict=True)]

    def take(self, index: int, event: Event) -> None:
        self._choices[index].take(event)

    def payload(self) -> dict[str, Any]:
        return head(self._generations[0], "cmpl", "text_completion") | {
            "choices": [
                {
                    "text": choice.text,
                    "index": index,
                    "logprobs": choice.due_logprobs(),
                    "finish_reason": choice.finish_reason,
                }
                for index, choice in enumerate(self._choices)
            ],
            "usage": usage(self._generations),
        }


class TextChunks:
    """The chunks of one stream."""

    def __init__(
        self, generations: list[Generation], before: list[str], includes_usage: bool
    ) -> None:
        self.includes_usage = includes_usage
        self._generations = generations
        self._choices = [TextChoice(*each) for each in zip(generations, before, strict=True)]
        self._head = head(generations[0], "cmpl", "text_completion")
        self._frame = sse.Frame(self._head, includes_usage)

    def begin(self) -> str:
        echoed = ((index, choice.before) for index, choice in enumerate(self._choices))
        return "".join(self._chunk(index, text) for index, text in echoed if text)

    def take(self, index: int, event: Event) -> str:
        choice = self._choices[index]
        if isinstance(event, Ended):
            choice.take(event)
            return self._chunk(index, "", finish=sse.quoted(choice.finish_reason))
        text = choice.take(event)
        return self._chunk(index, text, sse.compact(choice.due_logprobs())) if text else ""

    def usage(self) -> str:
        return sse.event(self._head | {"choices": [], "usage": usage(self._generations)})

    def _chunk(self, index: int, text: str, logprobs: str = "null", finish: str = "null") -> str:
        return self._frame.around(
            f'"text":{sse.quoted(text)},"index":{index},"logprobs":{logprobs},'
            f'"finish_reason":{finish}'
        )
