"""The dialog in which parameters are set, and what the composer shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from conversations.models import Conversation
from conversations.parameters.forms import (
    LABELS,
    ConversationParametersForm,
    NextForm,
    ParametersForm,
)

Scope = Literal["conversation", "next", "beginning"]
"""What is set: a conversation's parameters, those of the next answer in it alone, or those of the
conversation that the next message begins."""


@dataclass(frozen=True)
class Chip:
    """One choice that goes along with the next message; unticked, it does not."""

    name: str
    label: str
    value: str


def chips(chosen: Mapping[str, Any], swap: str = "") -> SafeString:
    """`chosen` has the fields of NextForm as they were typed, with others perhaps."""
    labels = {**LABELS, "instructions": _("Instructions")}
    names = {f"{NextForm.prefix}-{name}": label for name, label in labels.items()}
    found = [
        Chip(name, str(label), str(chosen[name]))
        for name, label in names.items()
        if str(chosen.get(name, "")).strip()
    ]
    return _render("_chips", chips=found, swap=swap)


def button(user: User, conversation: Conversation | None, swap: str = "") -> SafeString:
    """Opens the dialog, and tells how much is set in the conversation. Others than its owner
    choose for their next message only."""
    if conversation is None:
        return _render("_button", address=address(None), count=0, swap=swap)
    scope: Scope = "conversation" if conversation.user_id == user.pk else "next"
    count = len(conversation.parameters) + bool(conversation.instructions)
    return _render("_button", address=address(conversation, scope), count=count, swap=swap)


def dialog(
    request: HttpRequest,
    form: ParametersForm,
    scope: Scope,
    conversation: Conversation | None,
    inherited_instructions: str = "",
) -> SafeString:
    return _render(
        "_dialog",
        request,
        form=form,
        scope=scope,
        conversation=conversation,
        action=address(conversation, scope),
        has_instructions=isinstance(form, ConversationParametersForm) and scope != "next",
        inherited_instructions=inherited_instructions,
        has_tabs=conversation is not None and conversation.user_id == request.user.pk,
    )


def address(conversation: Conversation | None, scope: Scope = "conversation") -> str:
    if conversation is None:
        return reverse("beginning_parameters")
    name = "next_parameters" if scope == "next" else "conversation_parameters"
    return reverse(name, args=[conversation.pk])


def _render(name: str, request: HttpRequest | None = None, **context: Any) -> SafeString:
    return render_to_string(f"parameters/{name}.html", context, request)
