"""The form of an API key: what it may do is chosen, not written."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.keys import SCOPE_LABELS
from accounts.models import LIMITS, SCOPES, APIKey
from inference.models import AIModel

if TYPE_CHECKING:
    _Form = forms.ModelForm[APIKey]
else:
    _Form = forms.ModelForm


class KeyForm(_Form):
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(scope, SCOPE_LABELS[scope]) for scope in SCOPES],
        initial=list(SCOPES),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    models = forms.MultipleChoiceField(
        label=_("Models"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("None chosen: all of them."),
    )

    class Meta:
        model = APIKey
        fields = ["user", "name", "expires_at", "scopes", "models", *LIMITS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = AIModel.objects.values_list("name", flat=True)
        names = sorted({*known, *self.instance.models})  # one that is gone can still be unchosen
        if "models" in self.fields:
            self.fields["models"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        if "expires_at" in self.fields:
            self.fields["expires_at"].help_text = _("Empty: never.")
