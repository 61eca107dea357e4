"""What was said: conversations and their messages, which form a tree."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inference.models import AIModel, Generation


class Tag(models.Model):
    """A word by which a person finds conversations of theirs again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags")
    name = models.CharField(_("name"), max_length=50)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="tag_once_a_user")]

    def __str__(self) -> str:
        return self.name


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def kept(self) -> "ConversationQuerySet":
        """Those that were not deleted: a deleted one stays a while, so that it can be undone."""
        return self.filter(deleted_at=None)

    def listed(self) -> "ConversationQuerySet":
        """Those that lists show: neither archived nor temporary."""
        return self.kept().filter(archived_at=None, is_temporary=False)


class Conversation(models.Model):
    class Namer(models.TextChoices):
        """Who gave it its title."""

        TEXT = "text", _("its first message")
        MODEL = "model", _("a model")
        USER = "user", _("its owner")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations")
    project = models.ForeignKey(
        "Project", models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    title = models.CharField(_("title"), max_length=200)
    named_by = models.CharField(max_length=10, choices=Namer.choices, default=Namer.TEXT)
    naming = models.OneToOneField(
        Generation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="named",
        help_text=_("The run that thinks of a title."),
    )
    model = models.ForeignKey(
        AIModel, models.SET_NULL, null=True, help_text=_("The one that answered last.")
    )
    leaf = models.ForeignKey(
        "Message",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The last message of the branch that is shown."),
    )
    instructions = models.TextField(_("instructions"), blank=True)
    parameters: Any = models.JSONField(_("parameters"), default=dict, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="conversations")
    is_temporary = models.BooleanField(_("temporary"), default=False)
    is_unread = models.BooleanField(
        _("unread"), default=False, help_text=_("An answer has come that its owner has not seen.")
    )
    pinned_at = models.DateTimeField(_("pinned"), null=True, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-updated_at"]
        indexes = [
            models.Index(fields=["user", "-updated_at"], name="conversation_recent"),
            models.Index(fields=["project", "-updated_at"], name="conversation_of_project"),
            models.Index(
                fields=["deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="conversation_deleted",
            ),
            models.Index(
                fields=["user", "pinned_at"],
                condition=models.Q(pinned_at__isnull=False),
                name="conversation_pinned",
            ),
            models.Index(
                fields=["updated_at"],
                condition=models.Q(is_temporary=True),
                name="conversation_temporary",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conversation", args=[self.pk])


class Message(models.Model):
    """A turn. Those with the same parent are alternatives to each other: edited questions, or
    other answers to the same one. A message's id is greater than its parent's."""

    class Role(models.TextChoices):
        USER = "user", _("user")
        ASSISTANT = "assistant", _("assistant")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="replies"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who wrote it, or asked for it."),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    content = models.TextField(_("text"), blank=True)
    parameters: Any = models.JSONField(
        _("parameters"), default=dict, blank=True, help_text=_("Chosen for this answer alone.")
    )
    generation = models.OneToOneField(
        Generation, models.SET_NULL, null=True, blank=True, related_name="message"
    )
    model_name = models.CharField(
        max_length=100,
        blank=True,
        help_text=_("Of an answer without a run: the name of its model."),
    )
    token_ids = models.BinaryField(
        null=True, help_text=_("The tokens of an answer: four bytes each, little-endian.")
    )
    thought = models.TextField(
        _("thought"), blank=True, help_text=_("What the model thought before it answered.")
    )
    thinking_seconds = models.FloatField(
        null=True, blank=True, help_text=_("From its first token to the end of its thoughts.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:40]}"

    @property
    def answered_by(self) -> str:
        """The name of its model, as programs know it; empty if that is not known."""
        return self.generation.model.name if self.generation else self.model_name

    @property
    def status(self) -> str:
        """What a page shows: queued, streaming, done, stopped or failed."""
        if self.generation is None:
            return "done"
        if self.generation.status == Generation.Status.RUNNING:
            return "streaming"
        return self.generation.status


class Feedback(models.Model):
    """What a person thought of an answer."""

    class Rating(models.IntegerChoices):
        UP = 1, _("good")
        DOWN = -1, _("bad")

    class Reason(models.TextChoices):
        WRONG = "wrong", _("not correct")
        OFF_TOPIC = "off_topic", _("not what I asked for")
        INCOMPLETE = "incomplete", _("incomplete")
        STYLE = "style", _("style or length")
        HARMFUL = "harmful", _("harmful")
        OTHER = "other", _("something else")

    message = models.ForeignKey(Message, models.CASCADE, related_name="feedback")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feedback")
    rating = models.SmallIntegerField(_("rating"), choices=Rating.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["message", "user"], name="feedback_once_a_user")
        ]

    def __str__(self) -> str:
        return f"{self.get_rating_display()}: {self.message_id}"


class Draft(models.Model):
    """What a person has typed and not sent: in a conversation, or in none yet."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    text = models.TextField(_("text"))
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "conversation"], name="draft_once_a_conversation"
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(conversation=None),
                name="draft_once_beside_conversations",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class SharedLink(models.Model):
    """Lets anybody who has its token read a branch as it was when the link was made."""

    token = models.CharField(max_length=64, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="links")
    title = models.CharField(
        max_length=200, blank=True, help_text=_("As it was when the link was made.")
    )
    leaf = models.ForeignKey(
        Message, models.CASCADE, related_name="+", help_text=_("The last message that it shows.")
    )
    content = models.TextField(
        help_text=_("The last message as it was: it may be an answer that goes on later.")
    )
    thought = models.TextField(blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("shared link")
        verbose_name_plural = _("shared links")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.conversation_id)
