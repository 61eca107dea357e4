"""Models that can answer, runs of them, and the account of every run."""

import uuid
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import APIKey
from inference import vision
from inference.encryption import EncryptedField


class AIProvider(models.Model):
    """Where models run."""

    class Type(models.TextChoices):
        LOCAL = "local", _("This platform's workers")

    name = models.CharField(_("name"), max_length=100, unique=True)
    provider_type = models.CharField(
        _("type"), max_length=20, choices=Type.choices, default=Type.LOCAL
    )
    api_url = models.URLField(_("API address"), blank=True)
    api_key = EncryptedField(_("API key"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("AI provider")
        verbose_name_plural = _("AI providers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AIType(models.Model):
    """What a model is good for: chat, code, …"""

    name = models.CharField(_("name"), max_length=50, unique=True)
    description = models.TextField(_("description"), blank=True)
    icon = models.CharField(_("icon"), max_length=50, blank=True, help_text=_("A Lucide icon."))

    class Meta:
        verbose_name = _("AI type")
        verbose_name_plural = _("AI types")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AIModelQuerySet(models.QuerySet["AIModel"]):
    def usable(self) -> "AIModelQuerySet":
        return self.filter(is_active=True, provider__is_active=True)

    def preferred(self) -> "AIModel | None":
        """The model a new conversation starts with."""
        return self.usable().order_by("-is_default", "created_at").first()


class AIModel(models.Model):
    name = models.SlugField(
        _("name"), max_length=100, unique=True, help_text=_("The id that programs use.")
    )
    display_name = models.CharField(_("display name"), max_length=100, blank=True)
    provider = models.ForeignKey(AIProvider, models.PROTECT, related_name="ai_models")
    model_type = models.ForeignKey(AIType, models.SET_NULL, null=True, blank=True)
    path = models.CharField(
        _("file"),
        max_length=500,
        help_text=_("A GGUF file on the workers' machine; relative paths start at MODELS_DIR."),
    )
    projector = models.CharField(
        _("projector"),
        max_length=500,
        blank=True,
        help_text=_(
            "A second GGUF file (mmproj), with which it reads images. Empty: it reads none."
        ),
    )
    context_window = models.PositiveIntegerField(
        _("context length"),
        null=True,
        blank=True,
        validators=[MinValueValidator(64)],
        help_text=_("In tokens. Empty: N_CTX, or what the model was trained for if that is less."),
    )
    max_tokens = models.PositiveIntegerField(
        _("longest answer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("In tokens. Empty: MAX_NEW_TOKENS."),
    )
    slots = models.PositiveSmallIntegerField(
        _("answers at once"), default=32, validators=[MinValueValidator(1), MaxValueValidator(64)]
    )
    system_prompt = models.TextField(
        _("system prompt"),
        blank=True,
        help_text=_(
            "What every conversation with this model begins with, unless it brings its own"
            " instructions. Everybody who uses the model may come to read it."
        ),
    )
    parameters = models.JSONField(
        _("sampling defaults"),
        default=dict,
        blank=True,
        help_text=_('Such as {"temperature": 0.3}; what is missing comes from the settings.'),
    )
    input_price = models.DecimalField(
        _("price per million prompt tokens"), max_digits=12, decimal_places=6, default=0
    )
    output_price = models.DecimalField(
        _("price per million generated tokens"), max_digits=12, decimal_places=6, default=0
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_default = models.BooleanField(_("default for new conversations"), default=False)
    writes_titles = models.BooleanField(
        _("writes titles"),
        default=True,
        help_text=_("Names new conversations. Otherwise their first words do."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: ClassVar[models.Manager["AIModel"]] = AIModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("AI model")
        verbose_name_plural = _("AI models")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.display_name or self.name

    @property
    def file(self) -> Path:
        return settings.MODELS_DIR / self.path

    @property
    def projector_file(self) -> Path | None:
        return settings.MODELS_DIR / self.projector if self.projector else None

    @property
    def reads_images(self) -> bool:
        return bool(self.projector) and vision.is_built()

    @property
    def own_parameters(self) -> dict[str, Any]:
        """How its answers are drawn unless they are asked for otherwise."""
        longest = {"max_tokens": self.max_tokens} if self.max_tokens else {}
        return {**longest, **self.parameters}

    @property
    def queue(self) -> str:
        """The Celery queue whose messages say that this model has work."""
        return f"model.{self.pk}"


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
