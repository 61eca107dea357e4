"""A model's chat template: from the turns of a chat to the text of a prompt."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from inference.engine.backend import ChatMessage, Tools
from inference.engine.turns import ways_to_say
from inference.tools import derive, thoughts
from inference.tools.format import Format
from inference.tools.messages import is_about_tools, told
from inference.tools.thoughts import Marks

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
        self._template = _environment().from_string(source)
        self._words = {"bos_token": start, "eos_token": end}
        self._ends = list(ends)
        self._control = any_of(control)

    @cached_property
    def format(self) -> Format:
        """How the model writes calls. Two threads that ask first may both find out, and find the
        same."""
        return derive.of_template(self._say, self._ends)

    @cached_property
    def thoughts(self) -> tuple[Marks, ...]:
        """The marks by which the thought of an answer may stand."""
        return thoughts.of_template(self._say)

    def render(self, messages: list[ChatMessage], tools: Tools | None = None) -> str:
        """Raises what the template raises, if it refuses all ways to say this."""
        functions = None
        if tools or is_about_tools(messages):
            messages, functions = told(messages, tools or {}, self.format, self._disarmed)
        else:
            messages = self._disarmed(messages)
        ways = ways_to_say(messages)
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
        """A template may change what it is given."""
        return self._template.render(
            messages=messages,
            tools=functions,
            add_generation_prompt=True,
            raise_exception=_refuse,
            strftime_now=Jinja2ChatFormatter.strftime_now,
            **self._words,
        )

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


def _environment() -> SandboxedEnvironment:
    """As that of llama_cpp's formatter, which follows Hugging Face's, but that templates may change
    lists: some of Kimi K2's do."""
    environment = SandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Jinja2ChatFormatter.IgnoreGenerationTags, "jinja2.ext.loopcontrols"],
    )
    environment.filters["tojson"] = Jinja2ChatFormatter.tojson
    return environment


def _refuse(message: str) -> None:
    raise ValueError(message)


def any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the longest of the words that stand in a place."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
