"""Runs of models: what was asked, how far each has come, and the images it shows."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import APIKey
from inference import failures
from inference.models.catalogue import AIModel


class Generation(models.Model):
    """One run of a model: the unit of work, of streaming and of accounting.

    The prompt is kept only while the run needs it; what was asked and answered belongs to
    whoever asked (a conversation, a program), and goes when they delete it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")

    class Reason(models.TextChoices):
        """Why it ended."""

        STOP = "stop", _("the answer was complete")
        LENGTH = "length", _("the limit of tokens was reached")
        CANCELLED = "cancelled", _("stopped by its user")
        DEADLINE = "deadline", _("it took too long")
        TOO_LONG = "too_long", _("its messages do not fit the model's context")
        UNREADABLE = "unreadable", _("the model cannot read its messages")
        GRAMMAR = "grammar", _("its grammar cannot be followed")
        TOO_FEW = "too_few", _("no complete answer fits its limit of tokens")
        ERROR = "error", _("an error")

    class Source(models.TextChoices):
        CHAT = "chat", _("chat")
        API = "api", _("API")
        TITLE = "title", _("title")
        COMPARE = "compare", _("comparison")
        INSPECT = "inspect", _("inspection")

    class Kind(models.TextChoices):
        """What is made of its prompt."""

        CHAT = "chat", _("the next turn of a chat")
        TEXT = "text", _("a text's continuation")
        EMBEDDING = "embedding", _("an embedding")
        SCORE = "score", _("how likely an answer is that is there")

    LIVE = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="generations")
    model = models.ForeignKey(AIModel, models.PROTECT, related_name="generations")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.CHAT)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CHAT)
    messages: Any = models.JSONField(default=list, help_text=_("Role and content of each turn."))
    has_images = models.BooleanField(
        default=False, help_text=_("Its messages show images, which are rows of their own.")
    )
    prompt: Any = models.JSONField(
        null=True, blank=True, help_text=_("A text or the ids of tokens, where it is not a chat.")
    )
    tools: Any = models.JSONField(
        default=dict, blank=True, help_text=_("What the model may call, see inference.tools.")
    )
    begun: Any = models.JSONField(
        null=True,
        blank=True,
        help_text=_("What its answer begins with: a text, or ids of tokens."),
    )
    api_key = models.ForeignKey(
        APIKey, models.SET_NULL, null=True, blank=True, related_name="generations"
    )
    public_messages = models.PositiveSmallIntegerField(
        default=0,
        help_text=_("So many first messages are public: their cache may be shared across users."),
    )
    sibling_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="siblings",
        help_text=_("The first choice of the same request, which its prompt is accounted with."),
    )
    parameters: Any = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    error = models.TextField(blank=True)

    attempt = models.PositiveIntegerField(default=0, help_text=_("The number of its last claim."))
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    stop_requested = models.BooleanField(default=False)

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    first_token_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    prompt_tokens = models.PositiveIntegerField(
        default=0, help_text=_("Estimated until the run has ended, see lifecycle.")
    )
    cached_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        ordering = ["-created_at"]
        # Each has all that the queue asks of it, as rows are large with their prompts; and `status`
        # though it has one value there, or SQLite would read the rows for it.
        indexes = [
            models.Index(
                fields=["status", "model", "created_at", "user", "prompt_tokens", "id"],
                condition=models.Q(status="queued"),
                name="generation_waiting",
            ),
            models.Index(
                fields=["status", "user", "model", "worker", "lease_until", "id"],
                condition=models.Q(status="running"),
                name="generation_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.status} {self.id}"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE

    @property
    def failure(self) -> str:
        """Why it failed, in the language of whoever reads it; `error` is in English."""
        return failures.translated(self.error)

    @property
    def seconds(self) -> float | None:
        """From the start of work to its end, without the wait in the queue."""
        return _between(self.started_at, self.finished_at)

    @property
    def queue_wait(self) -> float | None:
        return _between(self.created_at, self.started_at)

    @property
    def time_to_first_token(self) -> float | None:
        """From the request to its first token, in seconds, with the wait in the queue."""
        return _between(self.created_at, self.first_token_at)

    @property
    def tokens_per_second(self) -> float | None:
        """The speed of decoding: tokens after the first over the time they took."""
        span = _between(self.first_token_at, self.finished_at)
        if not span or self.completion_tokens < 2:
            return None
        return (self.completion_tokens - 1) / span


class RunImage(models.Model):
    """An image that a run's messages show. It goes when the run ends."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="images")
    number = models.PositiveSmallIntegerField(help_text=_("By which messages name it."))
    data = models.BinaryField()

    class Meta:
        verbose_name = _("image of a run")
        verbose_name_plural = _("images of runs")
        constraints = [
            models.UniqueConstraint(fields=["generation", "number"], name="one_image_of_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} {self.number}"


def _between(start: Any, end: Any) -> float | None:
    return (end - start).total_seconds() if start and end else None
