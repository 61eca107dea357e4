"""Text that is encrypted with a key derived from SECRET_KEY."""

from typing import TYPE_CHECKING, Any

from cryptography.fernet import InvalidToken
from django.db import models

from accounts.ciphers import cipher

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class EncryptedField(_Text):
    """In the database. Reads as "" when SECRET_KEY has changed since it was written: the secret is
    lost then."""

    def get_prep_value(self, value: Any) -> str:
        return cipher().encrypt(str(value).encode()).decode() if value else ""

    def from_db_value(self, value: str | None, *_: object) -> str:
        if not value:
            return ""
        try:
            return cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            return ""
