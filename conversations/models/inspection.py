"""A closer look at an answer: how likely its tokens were, or what it would be once more."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Message
from inference import failures
from inference.models import Generation


class Inspection(models.Model):
    class Kind(models.TextChoices):
        SCORE = "score", _("how likely each token was")
        REPLAY = "replay", _("the same once more")

    message = models.ForeignKey(Message, models.CASCADE, related_name="inspections")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="inspections")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    generation = models.OneToOneField(
        Generation, models.SET_NULL, null=True, blank=True, related_name="inspection"
    )
    error = models.TextField(blank=True)
    tokens: Any = models.JSONField(
        null=True,
        blank=True,
        help_text=_("Of each token: id, bytes in hexadecimal, log-probability, and alternatives."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["message", "kind"], name="inspection_once_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.message_id}"

    @property
    def failure(self) -> str:
        """Why it failed, in the language of whoever reads it; `error` is in English."""
        return failures.translated(self.error)

    @property
    def is_running(self) -> bool:
        return self.generation is not None and self.generation.is_live
