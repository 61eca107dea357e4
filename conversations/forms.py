from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

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
    model = forms.ModelChoiceField(
        AIModel.objects.none(),
        to_field_name="name",
        error_messages={
            "required": _("No model is available yet. Ask an administrator to add one."),
            "invalid_choice": _("That model isn’t available any more. Choose another one."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"].queryset = AIModel.objects.usable()  # type: ignore[attr-defined]


class TitleForm(forms.Form):
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        error_messages={"required": _("A conversation needs a title.")},
    )
