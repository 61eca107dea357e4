"""Who may use the platform: people, and the keys by which their programs act for them."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar, Literal, get_args

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

KEY_MARK = "sk-parley-"
PREFIX_LENGTH = len(KEY_MARK) + 6

Scope = Literal["chat", "read", "manage"]
"""To have models answer; to read what is one's own; to change or delete it."""
SCOPES: tuple[Scope, ...] = get_args(Scope)
LIMITS = {"requests_per_minute": 100_000, "tokens_per_day": 10**12, "running_at_once": 10_000}
"""The limits that a key can have, and the highest that each can be."""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("a user needs an email address")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(
        _("email address"), unique=True, error_messages={"unique": _("This address is taken.")}
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May open the admin."))
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Empty: as the browser asks for it.")
    )
    theme = models.CharField(
        _("theme"),
        max_length=10,
        blank=True,
        choices=Theme.choices,
        help_text=_("Empty: as each browser has it."),
    )
    sessions_from = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text=_("Changes when all sessions are ended."),
    )

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_its_case")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session keeps of its user: those with another one have ended. By the password,
        as Django has it, and by `sessions_from`."""
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        material = self.password + self.sessions_from
        return salted_hmac(salt, material, secret=secret, algorithm="sha256").hexdigest()


def hash_key(key: str) -> str:
    """Plain SHA-256 suffices: a key has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(key.encode()).hexdigest()


def every_scope() -> list[str]:
    return list(SCOPES)


def _limit(label: Any, most: int, help_text: Any) -> "models.BigIntegerField[Any, Any]":
    return models.BigIntegerField(
        label,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(most)],
        help_text=help_text,
    )


class APIKeyQuerySet(models.QuerySet["APIKey"]):
    def issue(
        self, user: User, name: str, expires_at: datetime | None = None, **restrictions: Any
    ) -> tuple["APIKey", str]:
        """A new key and its secret, which is not kept and cannot be shown again."""
        secret = KEY_MARK + secrets.token_urlsafe(32)
        key = self.create(
            user=user,
            name=name,
            prefix=secret[:PREFIX_LENGTH],
            key_hash=hash_key(secret),
            expires_at=expires_at,
            **restrictions,
        )
        return key, secret

    def revoke(self) -> int:
        """With the keys that these keys have made; how many these are."""
        ids = list(self.filter(is_active=True).values_list("pk", flat=True))
        made = Q(pk__in=ids) | Q(issued_by__in=ids)
        self.model.objects.filter(made).update(is_active=False)
        return len(ids)

    def unusable(self) -> "APIKeyQuerySet":
        """Those of which `is_usable` is False."""
        now = timezone.now()
        return self.filter(
            Q(user__is_active=False)
            | Q(is_active=False)
            | Q(expires_at__lte=now)
            | Q(issued_by__is_active=False)
            | Q(issued_by__expires_at__lte=now)
        )


class APIKey(models.Model):
    """What a program may do in its user's name, and how much of it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(max_length=PREFIX_LENGTH, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    issued_by = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="issued",
        help_text=_("The key that made this one, whose limits count for both together."),
    )
    scopes: Any = models.JSONField(_("scopes"), default=every_scope)
    requests_per_minute = _limit(
        _("requests a minute"), LIMITS["requests_per_minute"], _("Empty: no limit.")
    )
    tokens_per_day = _limit(
        _("tokens a day"),
        LIMITS["tokens_per_day"],
        _("Of prompts and answers, from midnight (UTC) on. Empty: no limit."),
    )
    running_at_once = _limit(
        _("requests at once"),
        LIMITS["running_at_once"],
        _("Answers being generated or waiting for it. Empty: no limit."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # The last one, as from here on the name means this field.
    models: Any = models.JSONField(
        _("models"), default=list, blank=True, help_text=_("Names of models; empty: all of them.")
    )

    objects = APIKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def lineage(self) -> list["APIKey"]:
        """The keys whose restrictions hold for this one: those of the key that made it do, too,
        also when they have become narrower since."""
        return [self, self.issued_by] if self.issued_by else [self]

    @property
    def is_usable(self) -> bool:
        now = timezone.now()
        return self.user.is_active and all(
            key.is_active and (key.expires_at is None or key.expires_at > now)
            for key in self.lineage
        )

    def allows(self, scope: Scope) -> bool:
        return all(scope in key.scopes for key in self.lineage)
