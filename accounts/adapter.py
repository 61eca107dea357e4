from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What people read when something is refused: what happened, and what to do next."""

    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "email_taken": _("This address has an account already. Sign in, or reset its password."),
        "email_password_mismatch": _("The address or the password is not right."),
        "enter_current_password": _("This is not your current password."),
        "too_many_login_attempts": _("Too many attempts. Try again in five minutes."),
    }

    def clean_email(self, email: str) -> str:
        """allauth would cut a longer address to what the column holds: into another's."""
        if len(email) > (User._meta.get_field("email").max_length or 0):
            raise ValidationError(_("This address is too long."))
        return super().clean_email(email)  # type: ignore[no-any-return]
