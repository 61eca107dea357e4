"""Who calls the REST API: a program with a key, or a page with the session.

    api = NinjaAPI(auth=api_authentication)

In an endpoint, synchronous or not, `request.auth` and `request.user` are then the User, and
`request.api_key` is the APIKey, or None for a session. Annotate with `AuthenticatedRequest`.

A request with a Bearer header stands or falls with it: whatever cookie comes along is not looked
at. A session may change something only with its CSRF token.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer, SessionAuth

from accounts.models import APIKey, User, hash_key

USE_IS_NOTED_EVERY = timedelta(minutes=1)


class AuthenticatedRequest(HttpRequest):
    auth: User
    user: User
    api_key: APIKey | None


class KeyAuthentication(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> User:
        key = usable_key(token.strip())
        if key is None:
            raise AuthenticationError  # returning None would let the session have its turn
        note_use(key)
        act_as(request, key)
        return key.user


class SessionAuthentication(SessionAuth):
    def __call__(self, request: HttpRequest) -> Any:
        if not request.user.is_authenticated:
            return None  # before the CSRF check: without a session, 401 is the answer
        request.api_key = None  # type: ignore[attr-defined]
        return super().__call__(request)


api_authentication = [KeyAuthentication(), SessionAuthentication()]


def usable_key(secret: str) -> APIKey | None:
    key = APIKey.objects.select_related("user").filter(key_hash=hash_key(secret)).first()
    return key if key and key.is_usable else None


def note_use(key: APIKey) -> None:
    """Busy programs must not make each request wait for a write."""
    now = timezone.now()
    stale = now - USE_IS_NOTED_EVERY
    if key.last_used is None or key.last_used < stale:
        unnoted = Q(last_used=None) | Q(last_used__lt=stale)
        APIKey.objects.filter(unnoted, pk=key.pk).update(last_used=now)


def act_as(request: HttpRequest, key: APIKey) -> None:
    async def key_user() -> User:
        return key.user

    request.user = key.user
    request.auser = key_user  # or an async endpoint would get the user of the session
    request.api_key = key  # type: ignore[attr-defined]
