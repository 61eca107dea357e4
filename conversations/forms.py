from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from conversations.parameters.forms import NextForm
from inference.models import AIModel

LONGEST_MESSAGE = 100_000


class Text(forms.CharField):
    """What was typed or pasted, without what no text should hold: NUL, which databases refuse,
    and a browser's line ends."""

    def to_python(self, value: Any) -> str:
        text = str(value or "").replace("\0", "").replace("\r\n", "\n")
        return super().to_python(text.strip("\n").rstrip()) or ""


class TextForm(forms.Form):
    text = Text(
        max_length=LONGEST_MESSAGE,
        strip=False,
        error_messages={
            "required": _("Write a message first."),
            "max_length": ngettext_lazy(
                "A message may have at most %(limit_value)d character.",
                "A message may have at most %(limit_value)d characters; "
                "this one has %(show_value)d. Shorten it, or send it in parts.",
                "limit_value",
            ),
        },
    )

    @property
    def first_error(self) -> str:
        return next(str(error) for errors in self.errors.values() for error in errors)


class MessageForm(TextForm):
    """`begins`: the message is the first of a new conversation, and what was chosen with it is the
    conversation's; otherwise it is for one answer."""

    model = forms.ModelChoiceField(
        AIModel.objects.none(),
        to_field_name="name",
        error_messages={
            "required": _("No model is available yet. Ask an administrator to add one."),
            "invalid_choice": _("That model isn’t available any more. Choose another one."),
        },
    )

    def __init__(self, data: Mapping[str, Any], *, begins: bool) -> None:
        super().__init__(data)
        self.fields["model"].queryset = AIModel.objects.usable()  # type: ignore[attr-defined]
        self._begins = begins
        self._chosen = NextForm(data)

    def clean(self) -> dict[str, Any] | None:
        if not self._chosen.is_valid():
            self.add_error(None, self._chosen.first_error)
        return super().clean()

    @property
    def parameters(self) -> dict[str, Any]:
        """Of the answer."""
        return {} if self._begins else self._chosen.parameters

    @property
    def beginning(self) -> dict[str, Any]:
        """Fields of the new conversation."""
        if not self._begins:
            return {}
        instructions = self._chosen.cleaned_data["instructions"]
        return {"parameters": self._chosen.parameters, "instructions": instructions}
