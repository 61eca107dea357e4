from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanSwitchWidget

from admin_panel.admin.base import CountingDeletion
from inference.models import AIProvider, AIType

if TYPE_CHECKING:
    _Form = forms.ModelForm[AIProvider]
else:
    _Form = forms.ModelForm


class ProviderForm(_Form):
    """A stored key goes in and never comes out."""

    api_key = forms.CharField(
        label=_("API key"),
        required=False,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    forget_key = forms.BooleanField(
        label=_("forget the stored key"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = AIProvider
        fields = ["name", "provider_type", "api_url", "api_key", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stored = self.instance.api_key
        self.initial["api_key"] = ""
        self.fields["api_key"].help_text = (
            _("A key is stored. It can't be shown; leave this empty to keep it.")
            if self._stored
            else _("No key is stored.")
        )

    def clean_api_key(self) -> str:
        return self.cleaned_data["api_key"] or self._stored

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("forget_key") and "api_key" not in self.changed_data:
            cleaned["api_key"] = ""
        return cleaned


@admin.register(AIProvider)
class AIProviderAdmin(CountingDeletion):
    form = ProviderForm
    list_display = ["name", "provider_type", "api_url", "has_key", "is_active", "updated_at"]

    def get_fields(self, request: HttpRequest, obj: AIProvider | None = None) -> list[str]:
        """Whoever may only look gets no field of the key, as that would show its value."""
        may_write = self.has_change_permission(request, obj) if obj else True
        key = ["api_key", "forget_key"] if obj and obj.api_key else ["api_key"]
        return ["name", "provider_type", "api_url", *(key if may_write else []), "is_active"]

    @display(description=_("API key"), boolean=True)
    def has_key(self, provider: AIProvider) -> bool:
        return bool(provider.api_key)


@admin.register(AIType)
class AITypeAdmin(ModelAdmin):
    list_display = ["name", "description", "icon"]
    search_fields = ["name"]
