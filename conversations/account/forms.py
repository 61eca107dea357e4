from datetime import datetime, time, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import MOST_DAYS
from accounts.keys import SCOPE_LABELS
from accounts.models import LIMITS, SCOPES, User
from inference.models import AIModel


def _limit(name: str, label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=LIMITS[name],
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class KeyForm(forms.Form):
    """What a new API key may do."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What it is for, such as “laptop”."),
        error_messages={"required": _("Say what the key is for.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[(scope, SCOPE_LABELS[scope]) for scope in SCOPES],
        initial=list(SCOPES),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    models = forms.MultipleChoiceField(
        label=_("Models"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("It ends with this day (UTC). Empty: never."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    requests_per_minute = _limit("requests_per_minute", _("Requests a minute"))
    tokens_per_day = _limit("tokens_per_day", _("Tokens a day"), _("Of prompts and answers."))
    running_at_once = _limit("running_at_once", _("Answers at once"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = AIModel.objects.usable()
        self.fields["models"].choices = [(model.name, str(model)) for model in models]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).replace("\0", "")

    def clean_expires_on(self) -> datetime | None:
        """The moment when that day is over."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        days_left = (day - timezone.localdate()).days
        if not 0 <= days_left < MOST_DAYS:
            raise forms.ValidationError(_("Choose today or a later day, within 100 years."))
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))

    @property
    def restrictions(self) -> dict[str, Any]:
        """Fields of the key."""
        fields = dict(self.cleaned_data)
        fields["expires_at"] = fields.pop("expires_on")
        return fields


class DeletionForm(forms.Form):
    """Shows that it is oneself who wants it: by the password, or, without one, by writing the
    address."""

    def __init__(self, request: HttpRequest, user: User, data: Any = None) -> None:
        super().__init__(data)
        self._request, self._user = request, user
        self.asks_password = user.has_usable_password()
        name = "password" if self.asks_password else "email"
        label = _("Your password") if self.asks_password else _("Your email address")
        self.fields[name] = forms.CharField(label=label, strip=False, max_length=4096)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not ratelimit.consume(self._request, action="reauthenticate", user=self._user):
            raise forms.ValidationError(_("Too many attempts. Try again in a minute."))
        if not get_adapter().reauthenticate(self._user, password):
            raise forms.ValidationError(_("This is not your password."))
        return password

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip()
        if email.lower() != self._user.email:
            raise forms.ValidationError(_("This is not your address."))
        return email
