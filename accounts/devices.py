"""Where somebody is signed in: allauth's rows for their sessions, and ending these.

allauth's own middleware would write a row with every request, and make each wait for a thread.
"""

from contextlib import suppress

import redis
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.shared_redis import shared_redis

NOTED_EVERY_SECONDS = 300

BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}
"""By what their user agents say; the first that fits, as many claim to be others, too."""


class DeviceMiddleware(MiddlewareMixin):
    """Notes when a session was seen last, to NOTED_EVERY_SECONDS."""

    def process_request(self, request: HttpRequest) -> None:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if key and request.user.is_authenticated and _is_due(key):
            note(request)


def _is_due(key: str) -> bool:
    """Once in a while; while Redis is away, never."""
    with suppress(redis.RedisError):
        mark = f"parley:seen:{key}"
        return bool(shared_redis().set(mark, "1", nx=True, ex=NOTED_EVERY_SECONDS))
    return False


def note(request: HttpRequest) -> None:
    """The session of the request was seen now."""
    known = UserSession.objects.filter(session_key=request.session.session_key)
    if not known.update(last_seen_at=timezone.now()):
        with suppress(PermissionDenied):  # the address of the client can't be told
            UserSession.objects.create_from_request(request)


def devices_of(user: User) -> list[UserSession]:
    """Their sessions that have not ended, the one seen last first."""
    found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda device: device.last_seen_at, reverse=True)


def device_for(user: User, device_id: int) -> UserSession:
    return get_object_or_404(UserSession, user=user, pk=device_id)


def end_others(request: HttpRequest, user: User) -> None:
    """Every session but the one of the request, whether or not it is in the list."""
    user.sessions_from = get_random_string(32)
    user.save(update_fields=["sessions_from"])
    update_session_auth_hash(request, user)
    UserSession.objects.filter(user=user).delete()
    note(request)


def end_all(user: User) -> None:
    """Those in the list, so that nothing of them remains; the others go when they expire."""
    for device in UserSession.objects.filter(user=user):
        device.end()


def name_of(device: UserSession) -> str:
    """Such as "Firefox on Linux"."""
    browser = _named(device.user_agent, BROWSERS)
    system = _named(device.user_agent, SYSTEMS)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


def _named(user_agent: str, names: dict[str, str]) -> str:
    return next((name for mark, name in names.items() if mark in user_agent), "")
