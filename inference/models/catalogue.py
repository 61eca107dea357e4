"""The models that can answer, where they run, and what they are good for."""

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

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
