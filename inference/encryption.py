"""Text that is encrypted with a key derived from SECRET_KEY."""

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


def cipher(*context: str) -> Fernet:
    """What was encrypted in one context can't be read in another."""
    material = ["parley.inference.encryption" + settings.SECRET_KEY, *context]
    digest = hashlib.sha256("\0".join(material).encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


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
