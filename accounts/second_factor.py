"""How allauth keeps the secrets of two-factor authentication here, and what it says."""

import base64
import secrets
from typing import ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.utils.functional import Promise
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from accounts.ciphers import cipher
from accounts.models import User

CONTEXT = "second factor"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or it was used already."),
    }

    def encrypt(self, text: str) -> str:
        return cipher(CONTEXT).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """One that can't be read, as SECRET_KEY has changed, is a secret that nobody knows: an
        empty one would have codes that anybody can compute."""
        try:
            return cipher(CONTEXT).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def generate_authenticator_name(self, user: User, type: str) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return translated("Passkey %(number)d") % {"number": number}


def is_on(user: User) -> bool:
    """Whether signing in by the password takes a second step."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())


def reset(user: User) -> None:
    """For somebody who has lost all of their second factors."""
    Authenticator.objects.filter(user=user).delete()
