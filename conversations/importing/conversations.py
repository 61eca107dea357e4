"""Conversations of any form."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.forms import LONGEST_MESSAGE
from conversations.importing.branches import EARLIEST, Entry, grown
from conversations.importing.imported import Imported, ImportedMessage, Unreadable, join
from conversations.importing.shapes import MOST_NODES, File, OwnFile, Tree, parse
from conversations.markdown import plain_text_title
from conversations.models import Message
from inference.parameters import CHECKS, OF_ONE_ANSWER, ParameterError, clean

LONGEST_TITLE = 200
LONGEST_MODEL = 100


@dataclass(frozen=True)
class Limits:
    conversations: int = 200
    messages: int = 10_000
    """In all."""


def read(document: Any, limits: Limits = Limits()) -> list[Imported]:
    """Raises Unreadable. Roles that are not shown here, and empty messages, are left out."""
    return read_each(_entries(document), limits)


def read_each(entries: Iterable[tuple[str, Any]], limits: Limits) -> list[Imported]:
    """Of pairs of a place in the document and what is there. Raises Unreadable."""
    found: list[Imported] = []
    count = 0
    for number, (place, entry) in enumerate(entries):
        if number == limits.conversations:
            message = _("There may be at most %(most)d conversations at once.")
            raise Unreadable("", message % {"most": limits.conversations})
        one = _conversation(place, entry)
        count += len(one.messages)
        if count > limits.messages:
            message = _("There may be at most %(most)d messages at once. Import it in parts.")
            raise Unreadable("", message % {"most": limits.messages})
        if one.messages:
            found.append(one)
    if not found:
        raise Unreadable("", _("There is no message of a person or an assistant in it."))
    return found


def _entries(document: Any) -> Iterator[tuple[str, Any]]:
    match document:
        case list():
            yield from ((f"[{at}]", entry) for at, entry in enumerate(document))
        case {"conversations": list(entries)}:
            yield from ((f"conversations[{at}]", entry) for at, entry in enumerate(entries))
        case _:
            yield "", document


def _conversation(place: str, entry: Any) -> Imported:
    match entry:
        case {"mapping": _mapping}:
            return _from_chatgpt(parse(Tree, place, entry), place)
        case {"format": "parley.conversation", "version": 2}:
            return _from_parley(parse(OwnFile, place, entry), place)
        case {"messages": _messages}:
            return _from_list(parse(File, place, entry), place)
    raise Unreadable(place, _("A conversation needs messages, or ChatGPT's mapping."))


def _from_list(file: File, place: str) -> Imported:
    entries = {}
    for at, message in enumerate(file.messages):
        text = message.text.strip("\n").rstrip()
        where = join(place, f"messages[{at}]")
        shown = _message(message.role, text, message.created_at, where)
        entries[at] = Entry(at - 1 if at else None, shown)
    messages, leaf = grown(entries, None, join(place, "messages"))
    return _imported(file.title, file.created_at, messages, leaf)


def _from_parley(file: OwnFile, place: str) -> Imported:
    entries = {}
    for at, message in enumerate(file.messages):
        where = join(place, f"messages[{at}]")
        if message.id in entries:
            raise Unreadable(where, _("Two messages have the same id."))
        shown = _message(
            message.role,
            message.content,
            message.created_at,
            where,
            _parameters(message.parameters, where, CHECKS),
        )
        if shown:
            thought, seconds = _storable(message.thought), message.thinking_seconds
            shown = replace(shown, thought=thought, thinking_seconds=seconds)
            shown = _answered_by(message.model or "", shown)
        entries[message.id] = Entry(message.parent, shown)  # in the file's order, not by time
    messages, leaf = grown(entries, file.leaf, join(place, "messages"))
    return _imported(
        file.title,
        file.created_at,
        messages,
        leaf,
        instructions=_storable(file.instructions),
        parameters=_parameters(file.parameters, place, CHECKS.keys() - OF_ONE_ANSWER),
    )


def _from_chatgpt(tree: Tree, place: str) -> Imported:
    where = join(place, "mapping")
    if len(tree.mapping) > MOST_NODES:
        message = _("A conversation may have at most %(most)d messages.")
        raise Unreadable(where, message % {"most": MOST_NODES})
    entries = {}
    for key, node in tree.mapping.items():
        told = node.message
        at = told.create_time if told else None
        text = told.text.strip("\n").rstrip() if told else ""
        shown = _message(told.author.role, text, at, f"{where}.{key}") if told else None
        if told and shown:
            shown = _answered_by(told.model, shown)
        entries[key] = Entry(node.parent, shown, _time(at) if at else None)
    messages, leaf = grown(entries, tree.current_node, where)
    return _imported(tree.title or "", tree.create_time, messages, leaf)


def _imported(
    title: str,
    begun: datetime | None,
    messages: list[ImportedMessage],
    leaf: int | None,
    **more: Any,
) -> Imported:
    title = " ".join(_storable(title).split())[:LONGEST_TITLE]
    title = title or plain_text_title(messages[0].content if messages else "")
    begun = begun or (messages[0].created_at if messages else None)
    return Imported(title, _time(begun), messages, leaf, **more)


def _message(
    role: str,
    text: str,
    at: datetime | None,
    place: str,
    parameters: Mapping[str, Any] | None = None,
) -> ImportedMessage | None:
    """None if it isn't shown here."""
    if len(text) > LONGEST_MESSAGE:
        too_long = _("A message may have at most %(most)d characters.")
        raise Unreadable(place, too_long % {"most": LONGEST_MESSAGE})
    if not text or role not in Message.Role.values:
        return None
    return ImportedMessage(
        Message.Role(role), _storable(text), _time(at), None, dict(parameters or {})
    )


def _answered_by(model: str, message: ImportedMessage) -> ImportedMessage:
    """Questions are nobody's answer."""
    if message.role != Message.Role.ASSISTANT:
        return message
    return replace(message, model=" ".join(_storable(model).split())[:LONGEST_MODEL])


def _parameters(raw: dict[str, Any], place: str, known: Container[str]) -> dict[str, Any]:
    """Those of `known`."""
    try:
        return clean({name: _tidy(value) for name, value in raw.items() if name in known})
    except ParameterError as error:
        raise Unreadable(join(place, f"parameters.{error.name}"), str(error)) from None


def _tidy(value: Any) -> Any:
    """With all texts in it storable."""
    match value:
        case str():
            return _storable(value)
        case list():
            return [_tidy(each) for each in value]
        case dict():
            return {_storable(name): _tidy(each) for name, each in value.items()}
    return value


def _storable(text: str) -> str:
    """Without what databases refuse: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _time(told: datetime | None) -> datetime:
    """As told, if that can be."""
    now = timezone.now()
    if told is None:
        return now
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    return min(max(told, EARLIEST), now)
