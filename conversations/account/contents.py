"""All that somebody has here, as the files of an archive: lists of JSON that are read from the
database in pieces, and a file of its own for each conversation, as it can be imported again."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet

from accounts.devices import name_of
from accounts.models import LIMITS, User
from conversations import exports
from conversations.models import (
    Comparison,
    Conversation,
    Draft,
    Feedback,
    Message,
    Project,
    SharedLink,
    SystemPrompt,
)
from inference.models import UsageLog

File = tuple[str, Iterable[str]]
"""A name, and the pieces of the text."""
BATCH = 1000

USAGE_FIELDS = [
    "created_at", "model_name", "source", "status", "input_tokens", "cached_tokens",
    "output_tokens", "total_tokens", "cost", "duration", "queue_wait", "time_to_first_token",
]  # fmt: skip


def files_of(user: User) -> Iterator[File]:
    """Nothing secret: neither passwords nor what keys and second factors are made of."""
    yield "profile.json", [_text(_profile(user))]
    yield from _conversations(user)
    elsewhere = Message.objects.filter(author=user, role=Message.Role.USER)
    elsewhere = elsewhere.exclude(conversation__user=user)
    yield "messages_in_others_chats.json", _list(_message(row) for row in _each(elsewhere))
    yield "drafts.json", _list(_draft(row) for row in _each(Draft.objects.filter(user=user)))
    links = SharedLink.objects.filter(conversation__user=user)
    yield "shared_links.json", _list(_link(row) for row in _each(links))
    feedback = Feedback.objects.filter(user=user)
    yield "feedback.json", _list(_feedback(row) for row in _each(feedback))
    yield "projects.json", _list(_project(row) for row in user.projects.select_related("prompt"))
    yield "prompts.json", _list(_prompt(row) for row in user.prompts.order_by("created_at"))
    comparisons = Comparison.objects.filter(user=user)
    ids = list(comparisons.order_by("created_at").values_list("pk", flat=True))
    yield "comparisons.json", _list(_comparison(comparisons.get(pk=pk)) for pk in ids)
    yield "api_keys.json", _list(_key(row) for row in user.api_keys.order_by("created_at"))
    usage = UsageLog.objects.filter(user=user)
    yield "usage.json", _list(_picked(row, USAGE_FIELDS) for row in _each(usage))


def _conversations(user: User) -> Iterator[File]:
    own = Conversation.objects.kept().filter(user=user).select_related("project", "model")
    ids = list(own.order_by("created_at").values_list("pk", flat=True))
    found = own.prefetch_related("tags")
    yield "conversations.json", _list(_entry(row) for pk in ids for row in found.filter(pk=pk))
    for pk in ids:
        for row in own.filter(pk=pk):  # none if it was deleted meanwhile
            yield _file_name(row), [_text(exports.as_json(row))]


def _file_name(conversation: Conversation) -> str:
    return f"conversations/{conversation.pk}.json"


def _profile(user: User) -> dict[str, Any]:
    fields = ["email", "name", "language", "theme", "is_staff", "created_at", "last_login"]
    sessions = UserSession.objects.filter(user=user).order_by("created_at")
    projects = [
        {"project": one.project.name, "access": one.access}
        for one in user.memberships.select_related("project")
    ]
    return {
        **_picked(user, fields),
        "member_of": projects,
        "sessions": [
            {
                "device": name_of(row),
                "ip": row.ip,
                "created_at": row.created_at,
                "last_seen_at": row.last_seen_at,
            }
            for row in sessions
        ],
    }


def _entry(row: Conversation) -> dict[str, Any]:
    fields = ["title", "is_temporary", "pinned_at", "archived_at", "created_at", "updated_at"]
    return {
        "file": _file_name(row),
        **_picked(row, fields),
        "project": row.project.name if row.project else None,
        "tags": [tag.name for tag in row.tags.all()],
    }


def _message(row: Message) -> dict[str, Any]:
    return {"conversation": row.conversation_id, **_picked(row, ["content", "created_at"])}


def _draft(row: Draft) -> dict[str, Any]:
    return {"conversation": row.conversation_id, **_picked(row, ["text", "updated_at"])}


def _link(row: SharedLink) -> dict[str, Any]:
    fields = ["title", "created_at", "expires_at", "revoked_at"]
    return {"conversation": row.conversation_id, **_picked(row, fields)}


def _feedback(row: Feedback) -> dict[str, Any]:
    fields = ["rating", "reason", "comment", "created_at"]
    return {"message": row.message_id, **_picked(row, fields)}


def _project(row: Project) -> dict[str, Any]:
    fields = ["name", "description", "icon", "instructions", "parameters", "archived_at"]
    members = row.members.select_related("user")
    return {
        **_picked(row, [*fields, "created_at", "updated_at"]),
        "prompt": row.prompt.name if row.prompt else None,
        "members": [{"email": one.user.email, "access": one.access} for one in members],
    }


def _prompt(row: SystemPrompt) -> dict[str, Any]:
    fields = ["name", "description", "prompt", "tags", "visibility", "created_at", "updated_at"]
    versions = row.versions.order_by("number").values("number", "text", "created_at")
    return {**_picked(row, fields), "versions": list(versions)}


def _comparison(row: Comparison) -> dict[str, Any]:
    fields = ["prompt", "instructions", "parameters", "is_blind", "verdict", "voted_at"]
    told = ["position", *(["model_name"] if row.shows_names else []), "content", "thought"]
    winner = row.winner.position if row.winner else None
    return {
        **_picked(row, [*fields, "created_at"]),
        "winner": winner,
        "answers": list(row.answers.values(*told)),
    }


def _key(row: Model) -> dict[str, Any]:
    fields = ["name", "prefix", "scopes", "models", *LIMITS, "is_active"]
    return _picked(row, [*fields, "expires_at", "last_used", "created_at"])


def _picked(row: Model, fields: list[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in fields}


def _each(rows: QuerySet[Any]) -> Iterator[Any]:
    """In pieces that hold no cursor open, as whoever reads may take their time."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _list(rows: Iterable[Any]) -> Iterator[str]:
    separator = "[\n"
    for row in rows:
        yield separator + _text(row)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _text(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
