"""One prompt to several models at once."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Conversation
from inference.models import AIModel, Generation

NAMELESS = models.Q(
    compared__comparison__is_blind=True, compared__comparison__voted_at__isnull=True
)
"""Of runs: those whose model the comparison does not tell, see Comparison.shows_names."""


class Comparison(models.Model):
    class Verdict(models.TextChoices):
        WINNER = "winner", _("one is the best")
        TIE = "tie", _("all are good")
        NONE = "none", _("none is good")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="comparisons")
    prompt = models.TextField(_("prompt"))
    instructions = models.TextField(_("instructions"), blank=True)
    parameters: Any = models.JSONField(
        _("parameters"), default=dict, blank=True, help_text=_("With the seed, equal for all.")
    )
    is_blind = models.BooleanField(
        _("blind"), default=False, help_text=_("The names are shown after the vote.")
    )
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    winner = models.ForeignKey(
        "ComparedAnswer", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    voted_at = models.DateTimeField(null=True, blank=True)
    voted_blind = models.BooleanField(
        default=False, help_text=_("The names were hidden when this vote was given.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["user", "-created_at"], name="comparison_recent")]

    def __str__(self) -> str:
        return self.prompt[:40]

    def get_absolute_url(self) -> str:
        return reverse("comparison", args=[self.pk])

    @property
    def shows_names(self) -> bool:
        """Whether its reader may know which model gave which answer."""
        return not self.is_blind or self.voted_at is not None


class ComparedAnswer(models.Model):
    comparison = models.ForeignKey(Comparison, models.CASCADE, related_name="answers")
    position = models.PositiveSmallIntegerField(help_text=_("From the left, from 0."))
    model = models.ForeignKey(AIModel, models.SET_NULL, null=True, related_name="+")
    model_name = models.CharField(max_length=100)
    content = models.TextField(_("text"), blank=True)
    thought = models.TextField(_("thought"), blank=True)
    thinking_seconds = models.FloatField(null=True, blank=True)
    generation = models.OneToOneField(
        Generation, models.SET_NULL, null=True, blank=True, related_name="compared"
    )
    conversation = models.ForeignKey(
        Conversation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The one that carries on with it."),
    )

    class Meta:
        verbose_name = _("compared answer")
        verbose_name_plural = _("compared answers")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "position"], name="compared_answer_once_a_place"
            )
        ]

    def __str__(self) -> str:
        return self.model_name

    @property
    def letter(self) -> str:
        """What it is called as long as its model is hidden."""
        return "ABCD"[self.position]

    @property
    def can_retry(self) -> bool:
        """Whether nothing came of it."""
        return self.status == "failed" or (self.status == "stopped" and not self.content)

    @property
    def is_live(self) -> bool:
        return self.generation is not None and self.generation.is_live

    @property
    def status(self) -> str:
        """What a page shows: queued, streaming, done, stopped or failed."""
        if self.generation is None:
            return "done"
        if self.generation.status == Generation.Status.RUNNING:
            return "streaming"
        return self.generation.status
