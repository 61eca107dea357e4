"""Conversations that belong together, and the prompts that they start from."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.projects.icons import DEFAULT, NAMES
from inference.models import AIModel


class SystemPrompt(models.Model):
    """A text of the library: instructions, or the beginning of a message. `{{name}}` in it is a
    variable, which is asked for when it is used."""

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("only me")
        SHARED = "shared", _("people I name")
        PUBLIC = "public", _("everybody here")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="prompts")
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=300, blank=True)
    prompt = models.TextField(_("text"))
    tags: Any = models.JSONField(_("tags"), default=list, blank=True)
    visibility = models.CharField(
        _("who may use it"),
        max_length=10,
        choices=Visibility.choices,
        default=Visibility.PRIVATE,
    )
    shared_with = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="prompts_shared_with_me"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    class Meta:
        verbose_name = _("system prompt")
        verbose_name_plural = _("system prompts")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("prompt", args=[self.pk])


class SystemPromptVersion(models.Model):
    """What a prompt said before, and says now."""

    prompt = models.ForeignKey(SystemPrompt, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("version of a system prompt")
        verbose_name_plural = _("versions of system prompts")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "number"], name="prompt_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} {self.number}"


class Project(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="projects")
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    icon = models.CharField(_("icon"), max_length=50, default=DEFAULT)
    instructions = models.TextField(
        _("instructions"), blank=True, help_text=_("What every conversation in it begins with.")
    )
    prompt = models.ForeignKey(
        SystemPrompt,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Comes before the instructions."),
    )
    model = models.ForeignKey(
        AIModel, models.SET_NULL, null=True, blank=True, help_text=_("Answers there by default.")
    )
    parameters: Any = models.JSONField(_("parameters"), default=dict, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("project", args=[self.pk])

    @property
    def known_icon(self) -> str:
        """The one to draw: what the row has may come from elsewhere, or from another version."""
        return self.icon if self.icon in NAMES else DEFAULT


class ProjectMember(models.Model):
    """Somebody beside the owner. Readers see the project and its conversations; writers also
    change it, start conversations in it and write in those that are there."""

    class Access(models.TextChoices):
        READ = "read", _("may read")
        WRITE = "write", _("may write")

    project = models.ForeignKey(Project, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    access = models.CharField(_("access"), max_length=10, choices=Access.choices)
    created_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("project member")
        verbose_name_plural = _("project members")
        ordering = ["user__email"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="member_once_a_project")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_access_display()}"
