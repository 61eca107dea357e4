"""Each `_x.html` of templates/inspection is rendered here, by one function."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from conversations.access import may_write
from conversations.inspection.actions import tokens_of
from conversations.inspection.tokens import Token, first_difference, text_of
from conversations.models import Inspection, Message
from conversations.token_ids import unpack

Kind = Inspection.Kind


@dataclass(frozen=True)
class Difference:
    """Where a replay parts from its answer."""

    place: int
    before: str
    """What both say."""
    then: str
    now: str
    token: Token | None
    """The replay's first one that is not the answer's; None where it ended earlier."""


def tokens(
    request: HttpRequest,
    message: Message,
    inspection: Inspection | None,
    at: int | None = None,
    refusal: str = "",
) -> SafeString:
    told = tokens_of(inspection)
    context = {
        "message": message,
        "inspection": inspection,
        "tokens": told,
        "chosen": told[at] if at is not None and at < len(told) else None,
        "refusal": refusal,
        "may_write": _may_write(request, message),
    }
    return render_to_string("inspection/_tokens.html", context, request)


def replay(
    request: HttpRequest, message: Message, inspection: Inspection | None, refusal: str = ""
) -> SafeString:
    told = tokens_of(inspection)
    context = {
        "message": message,
        "inspection": inspection,
        "tokens": told,
        "difference": _difference(message, told) if told else None,
        "may_write": _may_write(request, message),
        "refusal": refusal,
    }
    return render_to_string("inspection/_replay.html", context, request)


def _may_write(request: HttpRequest, message: Message) -> bool:
    """Whether whoever looks may go on from here, and replace what others had computed."""
    return request.user.is_authenticated and may_write(request.user, message.conversation)


def _difference(message: Message, told: list[Token]) -> Difference | None:
    place = first_difference(unpack(message.token_ids), [token.chosen.id for token in told])
    if place is None:
        return None
    common = text_of(token.chosen.piece for token in told[:place])
    return Difference(
        place,
        common,
        then=message.content[len(common) :],
        now="".join(token.text for token in told[place:]),
        token=told[place] if place < len(told) else None,
    )
