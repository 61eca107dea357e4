from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ChangePasswordForm(allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """The new password once: it can be shown while it is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]


class ResetPasswordForm(allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]


class SetupForm(forms.Form):
    """A new administrator, or one who has signed up already and shows it by the password."""

    email = forms.EmailField(max_length=254)
    password = forms.CharField(strip=False)

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("email"), self.cleaned_data.get("password")
        if email and password:
            self._check_password(email, password)
        return self.cleaned_data

    def _check_password(self, email: str, password: str) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            try:
                validate_password(password, User(email=email))
            except forms.ValidationError as error:
                self.add_error("password", error)
        elif not user.is_active or not user.check_password(password):
            self.add_error(
                "password", _("This address has an account already, with another password.")
            )


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        help_text=_("What others see in shared projects. Empty: your email address."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks for it")), *settings.LANGUAGES],
    )
    theme = forms.ChoiceField(
        label=_("Theme"), choices=User.Theme.choices, widget=forms.RadioSelect
    )

    def __init__(self, user: User, data: Any = None) -> None:
        own = {"name": user.name, "language": user.language, "theme": user.theme or "system"}
        super().__init__(data, initial=own)

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())
