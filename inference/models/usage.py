"""The account of what every run took."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import APIKey
from inference.models.catalogue import AIModel
from inference.models.run import Generation


class UsageLog(models.Model):
    """The account of one finished run. It outlives the run, its conversation and its model."""

    generation = models.OneToOneField(
        Generation, models.SET_NULL, null=True, related_name="usage", editable=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="usage")
    model = models.ForeignKey(AIModel, models.SET_NULL, null=True, related_name="usage")
    model_name = models.CharField(max_length=100)
    api_key = models.ForeignKey(
        APIKey, models.SET_NULL, null=True, blank=True, related_name="usage"
    )
    source = models.CharField(max_length=10, choices=Generation.Source.choices)
    status = models.CharField(max_length=10, choices=Generation.Status.choices)
    input_tokens = models.PositiveIntegerField()
    cached_tokens = models.PositiveIntegerField()
    output_tokens = models.PositiveIntegerField()
    total_tokens = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=14, decimal_places=8)
    duration = models.FloatField(help_text=_("Seconds of work, without the wait."))
    queue_wait = models.FloatField(help_text=_("Seconds."))
    time_to_first_token = models.FloatField(null=True, help_text=_("Seconds, with the wait."))
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("usage")
        verbose_name_plural = _("usage")
        ordering = ["-created_at"]
        indexes = [
            models.Index(  # has all that the fair order asks of it
                fields=["user", "created_at", "input_tokens", "cached_tokens", "output_tokens"],
                name="usage_of_user",
            ),
            models.Index(fields=["model", "created_at"], name="usage_of_model"),
        ]

    def __str__(self) -> str:
        return f"{self.model_name}: {self.total_tokens} tokens"
