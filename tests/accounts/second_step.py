"""Somebody with an authenticator app."""

import base64
import hmac
import struct
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.test import Client

from accounts.models import User

PASSWORD = "a long password"


def code(secret: str) -> str:
    """By RFC 6238: six digits of the HMAC of the current half minute."""
    moment = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), moment, "sha1")
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def confirmed(user: User) -> Client:
    """A browser that has asked for the password a moment ago."""
    client = Client()
    client.force_login(user)
    page = "/accounts/2fa/totp/activate/"
    asked = client.get(page)
    assert asked["Location"] == f"/accounts/reauthenticate/?next={page.replace('/', '%2F')}"
    client.post(asked["Location"], {"password": PASSWORD, "next": page})
    return client


def turned_on(user: User) -> tuple[Client, str]:
    """The browser in which it was, and the app's secret."""
    client = confirmed(user)
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    kept = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in kept
    assert decrypt(kept) == secret
    return client, secret
