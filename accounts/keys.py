"""Making and changing API keys, within the rights of whoever does it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import LIMITS, APIKey, User
from accounts.problem import Problem

MOST_KEYS = 200
"""Of one user, those that were revoked not counted."""
SCOPE_LABELS = {
    "chat": _("chat: have models answer"),
    "read": _("read: what is one’s own"),
    "manage": _("manage: change or delete it, keys included"),
}
NARROWING = ("scopes", "models", "expires_at", *LIMITS)


def make(user: User, maker: APIKey | None, fields: Mapping[str, Any]) -> tuple[APIKey, str]:
    """A key and its secret. Made by a key (None: by the user in person), it has that one's
    restrictions where `fields` say nothing of them. Raises Problem for more rights than those.

    What a key has made can't make others: so at most two keys share their limits.
    """
    if maker is None:
        return _issue(user, fields)
    if maker.issued_by is not None:
        raise _forbidden(gettext("A key that was made by a key can’t make another."))
    own = {name: getattr(maker, name) for name in NARROWING}
    check_rights(maker, fields)
    return _issue(user, {**own, **fields, "issued_by": maker})


def change(key: APIKey, changer: APIKey | None, fields: Mapping[str, Any]) -> None:
    """Raises Problem if a key would give rights that it has not itself."""
    check_rights(changer, fields)
    for name, value in fields.items():
        setattr(key, name, value)
    key.save(update_fields=list(fields))


def check_rights(giver: APIKey | None, fields: Mapping[str, Any]) -> None:
    for key in giver.lineage if giver else ():
        for name, value in fields.items():
            if name in NARROWING and not _is_within(name, value, getattr(key, name)):
                message = gettext("An API key can’t give more rights than it has: %(name)s.")
                raise _forbidden(message % {"name": name}, param=name)


def _is_within(name: str, given: Any, own: Any) -> bool:
    """Empty models, and limits of None, are all there is."""
    match name:
        case "scopes":
            return set(given) <= set(own)
        case "models":
            return not own or (bool(given) and set(given) <= set(own))
    least: int | datetime | None = own
    return least is None or (given is not None and given <= least)


@transaction.atomic
def _issue(user: User, fields: Mapping[str, Any]) -> tuple[APIKey, str]:
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk").first()
    if user.api_keys.filter(is_active=True).count() >= MOST_KEYS:
        message = gettext("You have %(most)d API keys already. Revoke some first.")
        raise Problem(409, "too_many_keys", message % {"most": MOST_KEYS})
    return APIKey.objects.issue(user, **fields)


def _forbidden(message: str, param: str | None = None) -> Problem:
    return Problem(403, "insufficient_rights", message, param=param)
