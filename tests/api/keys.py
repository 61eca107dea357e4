"""Keys of alice's programs that may do less than everything."""

from typing import Any

from django.test import Client

from accounts.models import APIKey, User


def headers_of(user: User, **restrictions: Any) -> dict[str, str]:
    _key, secret = APIKey.objects.issue(user, "restricted", **restrictions)
    return {"authorization": f"Bearer {secret}"}


def program(user: User, **restrictions: Any) -> Client:
    return Client(headers=headers_of(user, **restrictions))
