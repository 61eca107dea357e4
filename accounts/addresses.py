"""allauth keeps addresses of its own beside the user's. One that the user no longer has must
neither sign in nor get the mail that resets the password."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models.signals import post_save

from accounts.models import User


def watch() -> None:
    post_save.connect(_drop_former, sender=User, dispatch_uid="accounts.addresses")


def _drop_former(instance: User, created: bool, update_fields: Any, **_: Any) -> None:
    if not created and (update_fields is None or "email" in update_fields):
        EmailAddress.objects.filter(user=instance).exclude(email=instance.email).delete()
