"""The form of sampling parameters, the same wherever they can be set. What a field may hold is what
the API takes, see inference.parameters; an empty one inherits."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from conversations.layers import Layer, Setting, in_effect
from inference.parameters import CHECKS, Number, ParameterError, clean

LABELS = {
    "temperature": _("Temperature"),
    "max_tokens": _("Longest answer"),
    "top_p": _("Top-p"),
    "top_k": _("Top-k"),
    "min_p": _("Min-p"),
    "repeat_penalty": _("Repetition penalty"),
    "presence_penalty": _("Presence penalty"),
    "frequency_penalty": _("Frequency penalty"),
    "seed": _("Seed"),
    "stop": _("Stop at"),
}
HINTS = {
    "temperature": _("0 is the most predictable, 1 and more is varied."),
    "max_tokens": _("In tokens."),
    "top_p": _("The likeliest tokens that make up so much."),
    "top_k": _("So many of the likeliest tokens; 0 is all."),
    "min_p": _("Tokens so likely, compared to the likeliest."),
    "repeat_penalty": _("Above 1, what was said is said less."),
    "presence_penalty": _("From −2 to 2: less of what was said at all."),
    "frequency_penalty": _("From −2 to 2: less of what was said often."),
    "seed": _("The same seed gives the same answer."),
    "stop": _("Texts that end an answer, one on each line. \\n is a line break."),
}
UNSET = {"seed": _("new each time"), "stop": _("nothing")}
"""What holds if no layer says anything; the penalties are 0 then."""
LONGEST_NUMBER = 40
LONGEST_STOPS = 20_000
LONGEST_INSTRUCTIONS = 50_000


def as_typed(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(stop.replace("\\", "\\\\").replace("\n", "\\n") for stop in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def is_text(name: str) -> bool:
    return not isinstance(CHECKS[name], Number)


class ParameterField(forms.CharField):
    """One parameter; its value is None if it is not set."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_text = is_text(name)
        super().__init__(
            label=LABELS[name],
            help_text=HINTS[name],
            required=False,
            strip=False,
            max_length=LONGEST_STOPS if self.is_text else LONGEST_NUMBER,
            widget=forms.Textarea if self.is_text else forms.TextInput,
        )

    def clean(self, value: Any) -> Any:
        typed = super().clean(value).replace("\r\n", "\n")
        if not typed.strip():
            return None
        try:
            return clean({self.name: self._meant(typed)})[self.name]
        except ParameterError as error:
            raise forms.ValidationError(str(error)) from None

    def _meant(self, typed: str) -> Any:
        """As a program would have written it."""
        if self.is_text:
            return [_unescaped(line) for line in typed.split("\n") if line]
        for kind in (int, float):
            try:
                return kind(typed.strip().replace(",", "."))
            except ValueError:
                continue
        return typed


def _unescaped(line: str) -> str:
    return re.sub(r"\\([\\n])", lambda found: "\n" if found[1] == "n" else "\\", line)


@dataclass(frozen=True)
class Row:
    """A field, and what holds as long as it is empty."""

    field: BoundField
    inherited: Setting | None
    is_text: bool

    @property
    def usual(self) -> str:
        if self.inherited is None:
            return str(UNSET.get(self.field.name, 0))
        return as_typed(self.inherited.value)


class ParametersForm(forms.Form):
    """`own` are the values that are set here already, `below` the layers that it inherits from."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        own: Mapping[str, Any] | None = None,
        below: Iterable[Layer] = (),
        **kwargs: Any,
    ) -> None:
        typed = {name: as_typed(value) for name, value in (own or {}).items()}
        super().__init__(data, initial=typed | kwargs.pop("initial", {}), **kwargs)
        self._below = in_effect(below)
        self.fields |= {name: ParameterField(name) for name in LABELS}

    @property
    def rows(self) -> Iterator[Row]:
        for name in LABELS:
            yield Row(self[name], self._below.get(name), is_text(name))

    @property
    def parameters(self) -> dict[str, Any]:
        """Those that were set, once the form is valid, by the names of inference.parameters."""
        found = {name: self.cleaned_data[name] for name in LABELS}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def first_error(self) -> str:
        return next(str(error) for errors in self.errors.values() for error in errors)


class ConversationParametersForm(ParametersForm):
    """With what the model is told before anything else."""

    instructions = forms.CharField(
        label=_("Instructions"),
        required=False,
        max_length=LONGEST_INSTRUCTIONS,
        widget=forms.Textarea,
    )

    def clean_instructions(self) -> str:
        text: str = self.cleaned_data["instructions"]
        return text.replace("\r\n", "\n")


class NextForm(ConversationParametersForm):
    """What the composer has beside the message: for the next answer, or the new conversation."""

    prefix = "next"
