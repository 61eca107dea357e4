from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.forms import LONGEST_MESSAGE, Text
from inference.models import AIModel


class BranchForm(forms.Form):
    place = forms.IntegerField(min_value=0, max_value=10_000_000)
    token = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class TokenizeForm(forms.Form):
    text = Text(
        label=_("Text"),
        max_length=LONGEST_MESSAGE,
        strip=False,
        widget=forms.Textarea,
        error_messages={"required": _("Write or paste a text first.")},
    )
    model = forms.ModelChoiceField(
        AIModel.objects.none(),
        label=_("Model"),
        to_field_name="name",
        empty_label=None,
        error_messages={
            "required": _("No model is available yet."),
            "invalid_choice": _("That model isn’t available any more. Choose another one."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"].queryset = AIModel.objects.usable()  # type: ignore[attr-defined]
