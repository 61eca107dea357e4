"""When a session ends, so do its sockets: a page that is signed out shows nothing new."""

from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from accounts.devices import device_for
from accounts.models import User
from conversations import notices


def is_valid(session_key: str | None, user_id: int) -> bool:
    """Whether the stored session still speaks for the user: not ended, their password unchanged."""
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(session_key)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or store.get(SESSION_KEY) != str(user_id):
        return False
    kept: str = store.get(HASH_SESSION_KEY, "")
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(kept, known) for known in hashes)


is_valid_async = database_sync_to_async(is_valid)


def end(user: User, device_id: int) -> None:
    """One session of theirs; 404 if there is none."""
    device = device_for(user, device_id)
    key = device.session_key
    device.end()
    notices.signed_out(user.pk, key)


def watch() -> None:
    user_logged_out.connect(_on_sign_out, dispatch_uid="conversations.sessions")
    post_save.connect(_on_save, sender=User, dispatch_uid="conversations.sessions")
    post_delete.connect(_on_delete, sender=User, dispatch_uid="conversations.sessions")


def _on_sign_out(user: User | None, request: HttpRequest | None, **_: Any) -> None:
    """Sent before the session is emptied, so it is named rather than looked at."""
    if user and request and request.session.session_key:
        notices.signed_out(user.pk, request.session.session_key)


def _on_save(instance: User, created: bool, update_fields: Any, **_: Any) -> None:
    if not created and set(update_fields or ["password"]) != {"last_login"}:
        notices.account_changed(instance.pk)


def _on_delete(instance: User, **_: Any) -> None:
    notices.account_changed(instance.pk)
