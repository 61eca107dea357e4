"""Who calls the REST API: a program with a key, or a page with the session.

    router = Router(auth=requires("read"))

In an endpoint, synchronous or not, `request.auth` and `request.user` are then the User, and
`request.api_key` is the APIKey, or None for a session. Annotate with `AuthenticatedRequest`.

A key comes as a Bearer token or as `x-api-key`, and its restrictions hold either way. A request
with a key stands or falls with it: whatever cookie comes along is not looked at, and two keys that
differ are none. A session has every scope, and may change something only with its CSRF token.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError
from ninja.security import APIKeyHeader, HttpBearer, SessionAuth

from accounts import request_rate
from accounts.models import APIKey, Scope, User, hash_key
from accounts.problem import Problem

USE_IS_NOTED_EVERY = timedelta(minutes=1)
KEY_HEADER = "X-API-Key"


class AuthenticatedRequest(HttpRequest):
    auth: User
    user: User
    api_key: APIKey | None


class BearerAuthentication(HttpBearer):
    """`Authorization: Bearer KEY`, as OpenAI's clients send it."""

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> User:
        if request.headers.get(KEY_HEADER, token).strip() != token.strip():
            raise AuthenticationError
        return admit(request, token, self.scope)


class HeaderAuthentication(APIKeyHeader):
    """`x-api-key: KEY`, as Anthropic's clients send it."""

    param_name = KEY_HEADER

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        return None if key is None else admit(request, key, self.scope)


class SessionAuthentication(SessionAuth):
    def __call__(self, request: HttpRequest) -> Any:
        if not request.user.is_authenticated:
            return None  # before the CSRF check: without a session, 401 is the answer
        request.api_key = None  # type: ignore[attr-defined]
        return super().__call__(request)


def requires(scope: Scope | None) -> list[Any]:
    """For `auth=`: who may call. None: whoever is known here."""
    return [BearerAuthentication(scope), HeaderAuthentication(scope), SessionAuthentication()]


api_authentication = requires(None)


def admit(request: HttpRequest, secret: str, scope: Scope | None) -> User:
    """Lets the request act for the key's user, or raises what is wrong with that.

    AuthenticationError for a key that is none: returning None would let the session have its turn.
    """
    key = usable_key(secret.strip())
    if key is None:
        raise AuthenticationError
    act_as(request, key)
    note_use(key)
    request_rate.count(request, key)
    if scope and not key.allows(scope):
        message = _("This API key lacks the scope “%(scope)s”.") % {"scope": scope}
        raise Problem(403, "insufficient_scope", message)
    return key.user


def usable_key(secret: str) -> APIKey | None:
    keys = APIKey.objects.select_related("user", "issued_by")
    key = keys.filter(key_hash=hash_key(secret)).first()
    return key if key and key.is_usable else None


def is_still_admitted(request: AuthenticatedRequest) -> bool:
    """For what goes on after its request was let in."""
    if request.api_key is None:
        return User.objects.filter(pk=request.auth.pk, is_active=True).exists()
    keys = APIKey.objects.select_related("user", "issued_by")
    key = keys.filter(pk=request.api_key.pk).first()
    return key is not None and key.is_usable


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
