"""A model's chat template: from the turns of a chat to the text of a prompt."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from inference.engine.backend import ChatMessage, Tools
from inference.engine.turns import ways_to_say
from inference.tools import derive
from inference.tools.format import Format
from inference.tools.messages import is_about_tools, told

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}<|im_start|>assistant\n"
)
"""For models that come without one."""


class ChatTemplate:
    """Any thread may use it."""

    def __init__(
        self,
        source: str,
        *,
        start: str = "",
        end: str = "",
        ends: Iterable[str] = (),
        control: Iterable[str] = (),
    ) -> None:
        """`start` and `end` are words that the source asks for, `ends` all that may end an answer,
        and `control` those that only the template may say."""
        self._formatter = Jinja2ChatFormatter(source, eos_token=end, bos_token=start)
        self._ends = list(ends)
        self._control = any_of(control)

    @cached_property
    def format(self) -> Format:
        """How the model writes calls. Two threads that ask first may both find out, and find the
        same."""
        return derive.of_template(self._say, self._ends)

    def render(self, messages: list[ChatMessage], tools: Tools | None = None) -> str:
        """Raises what the template raises, if it refuses all ways to say this."""
        functions = None
        if tools or is_about_tools(messages):
            messages, functions = told(messages, tools or {}, self.format)
        ways = ways_to_say(self._disarmed(messages))
        functions = self._disarmed(functions)
        try:
            return self._say(next(ways), functions)
        except Exception as refusal:
            for way in ways:
                try:
                    return self._say(way, functions)
                except Exception:  # noqa: S112 - what it says of the plain way counts
                    continue
            raise refusal from None

    def _say(
        self, messages: list[ChatMessage], functions: list[dict[str, Any]] | None = None
    ) -> str:
        said: Any = {"messages": messages, "tools": functions}
        return str(self._formatter(**said).prompt)

    def _disarmed(self, said: Any) -> Any:
        """With control words broken up that people and programs wrote, wherever in a message or
        a tool they stand, so that nobody speaks in another's role."""
        match said:
            case str() if self._control:
                return self._control.sub(lambda found: found[0][0] + "\u200b" + found[0][1:], said)
            case dict():
                return {self._disarmed(key): self._disarmed(value) for key, value in said.items()}
            case list():
                return [self._disarmed(item) for item in said]
        return said


def any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the longest of the words that stand in a place."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
