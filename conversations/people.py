"""Finding other people by their addresses, without telling strangers who is here."""

from contextlib import suppress

from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts.models import User
from accounts.shared_redis import shared_redis

MOST_MISSES = 20
"""Addresses that nobody has, asked for by one user within WINDOW_SECONDS: enough for mistakes,
too few to try a list of addresses."""
WINDOW_SECONDS = 3600


class NobodyThere(ValueError):
    """The message is a sentence for people."""


class TooManyMisses(Exception):
    """The message is a sentence for people."""

    def __init__(self) -> None:
        super().__init__(
            _("You have tried too many unknown addresses. Wait an hour, then try again.")
        )


def person_at(email: str, asked_by: User) -> User:
    """Who has this address. Raises NobodyThere, and after too many of these TooManyMisses, also
    for addresses that somebody has. While Redis is away, nothing is counted."""
    email = email.strip().lower()
    if _misses(asked_by) >= MOST_MISSES:
        raise TooManyMisses
    person = User.objects.filter(email=email, is_active=True).first()
    if person is None:
        _count_miss(asked_by)
        raise NobodyThere(_("Nobody here has the address %(email)s.") % {"email": email})
    return person


def _misses(user: User) -> int:
    with suppress(RedisError):
        return int(shared_redis().get(_key(user)) or 0)
    return 0


def _count_miss(user: User) -> None:
    with suppress(RedisError):
        if shared_redis().incr(_key(user)) == 1:
            shared_redis().expire(_key(user), WINDOW_SECONDS)


def _key(user: User) -> str:
    return f"parley:misses:{user.pk}"
