"""How an installation gets its first administrator."""

import logging
import os
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.urls import reverse

from accounts.models import User

logger = logging.getLogger(__name__)

LINK_LASTS = timedelta(days=7)
_signer = TimestampSigner(salt="accounts.setup")


def setup_url_path() -> str | None:
    """The address of the set-up page, or None once there is an administrator."""
    if has_admin():
        return None
    return reverse("account_setup", args=[_signer.sign("admin")])


def opens_setup(token: str) -> bool:
    try:
        _signer.unsign(token, max_age=LINK_LASTS)
    except BadSignature:
        return False
    return not has_admin()


def has_admin() -> bool:
    return User.objects.filter(is_superuser=True).exists()


@transaction.atomic
def become_first_admin(email: str, password: str) -> User | None:
    """A new superuser, or the account of this address made one; None where one exists already.

    Of several at once one wins: each waits for the others at a row that is always there.
    """
    ContentType.objects.select_for_update().get(app_label="accounts", model="user")
    if has_admin():
        return None
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return User.objects.create_superuser(email, password)
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    return user


def create_superuser_from_environment() -> None:
    """From DJANGO_SUPERUSER_EMAIL and DJANGO_SUPERUSER_PASSWORD, if set. An existing account is
    left as it is, so that a password changed later outlives the next start."""
    email = os.environ.get("DJANGO_SUPERUSER_EMAIL", "").strip()
    password = os.environ.get("DJANGO_SUPERUSER_PASSWORD", "")
    if not email and not password:
        return
    if not email or not password:
        raise ImproperlyConfigured(
            "DJANGO_SUPERUSER_EMAIL and DJANGO_SUPERUSER_PASSWORD are needed together"
        )
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        User.objects.create_superuser(email, password)
    elif not user.is_superuser:
        logger.warning("%s has an account already and was not made an administrator", email)
