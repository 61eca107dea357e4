"""What is stored encrypted, with keys derived from SECRET_KEY."""

import base64
import hashlib

from cryptography.fernet import Fernet
from django.conf import settings


def cipher(*context: str) -> Fernet:
    """What was encrypted in one context can't be read in another."""
    material = ["parley.inference.encryption" + settings.SECRET_KEY, *context]
    digest = hashlib.sha256("\0".join(material).encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
