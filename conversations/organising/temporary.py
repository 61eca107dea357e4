"""Temporary chats: not listed, not searched, named after nothing that was said in them, and swept
away some time after the last message, see deleting."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

FIELD = "temporary"


def is_asked(query: Mapping[str, str]) -> bool:
    """By an address or a form."""
    return query.get(FIELD) == "1"


def beginning(query: Mapping[str, str]) -> dict[str, Any]:
    """Fields of the conversation that begins, see actions.send_message: it is in no project."""
    if not is_asked(query):
        return {}
    return {"is_temporary": True, "title": title(), "project": None}


def title() -> str:
    return _("Temporary chat")


def hidden(query: Mapping[str, str]) -> dict[str, str]:
    """What the form of the first message sends along."""
    return {FIELD: "1"} if is_asked(query) else {}
