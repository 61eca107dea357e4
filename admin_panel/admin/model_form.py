"""The form of a model: its file is looked into, and each sampling default has a field."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
)

from inference import gguf, parameters
from inference.models import AIModel

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[AIModel]
else:
    _ModelForm = forms.ModelForm

SAMPLING = [
    name for name in parameters.CHECKS if name not in parameters.OF_ONE_ANSWER | {"max_tokens"}
]
"""The longest answer has a column of its own."""

HINTS = {
    "top_k": _("0: any number of tokens."),
    "seed": _("Empty: a new one for each answer."),
    "stop": _("Texts that end an answer, one in each line."),
}


def _field(name: str) -> forms.Field:
    check = parameters.CHECKS[name]
    if not isinstance(check, parameters.Number):
        widget = UnfoldAdminTextareaWidget({"rows": 3})
        return forms.CharField(required=False, widget=widget, help_text=HINTS[name])
    kind = forms.IntegerField if check.whole else forms.FloatField
    number = UnfoldAdminIntegerFieldWidget if check.whole else UnfoldAdminDecimalFieldWidget
    return kind(
        required=False,
        widget=number({"step": 1 if check.whole else "any"}),
        help_text=HINTS.get(name, f"{check.least} – {check.most}"),
    )


SamplingFields = type("SamplingFields", (forms.Form,), {name: _field(name) for name in SAMPLING})


class AIModelForm(_ModelForm, SamplingFields):  # type: ignore[misc, valid-type]
    class Meta:
        model = AIModel
        exclude = ["parameters", "is_default"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SAMPLING:
            value = self.instance.parameters.get(name)
            self.initial.setdefault(name, "\n".join(value) if isinstance(value, list) else value)
            if name in self.fields and (usual := parameters.defaults().get(name)) is not None:
                self.fields[name].widget.attrs["placeholder"] = usual

    def clean_path(self) -> str:
        """Only a file that was chosen just now must be there: a model whose file has gone can
        still be switched off."""
        path: str = self.cleaned_data["path"]
        if path != self.initial.get("path"):
            try:
                gguf.read(AIModel(path=path).file)
            except (gguf.GGUFError, OSError) as error:
                raise ValidationError(str(error)) from None
        return path

    def clean_projector(self) -> str:
        """As with the model's own file."""
        projector: str = self.cleaned_data["projector"]
        if projector and projector != self.initial.get("projector"):
            try:
                gguf.check_projector(settings.MODELS_DIR / projector)
            except (gguf.GGUFError, OSError) as error:
                raise ValidationError(str(error)) from None
        return projector

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = {name: cleaned[name] for name in SAMPLING if cleaned.get(name) not in (None, "")}
        if "stop" in chosen:
            chosen["stop"] = chosen["stop"].splitlines()
        try:
            self.instance.parameters = self._others() | parameters.clean(chosen)
        except parameters.ParameterError as error:
            self.add_error(error.name, str(error))
        return cleaned

    def _others(self) -> dict[str, Any]:
        """Parameters that have no field here stay as they are."""
        stored: dict[str, Any] = self.instance.parameters
        return {name: value for name, value in stored.items() if name not in SAMPLING}
