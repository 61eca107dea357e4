"""What belongs to a single message: each `messages/_x.html` is rendered here, by one function."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from conversations import thread
from conversations.messages.details import details as details_of
from conversations.messages.forms import EditForm, FeedbackForm
from conversations.messages.shown import Shown
from conversations.models import Feedback, Message
from inference.models import AIModel, Generation

EMPTY = SafeString()


def edit(request: HttpRequest, question: Message, form: EditForm, problem: str = "") -> SafeString:
    """In place of the question's text."""
    return _render("_edit", request, message=question, form=form, problem=problem)


def models(
    request: HttpRequest, answer: Message, models: Iterable[AIModel], chosen: AIModel | None
) -> SafeString:
    """Which one is to answer again."""
    return _render("_models", request, message=answer, models=models, chosen=chosen)


def versions(shown: Shown) -> SafeString:
    """Where it stands among its alternatives, and the way to those beside it. The ids of the arrows
    are the same in each, so that the focus stays on them."""
    if shown.place is None:
        return EMPTY
    parent = shown.message.parent_id or 0
    return _render("_versions", place=shown.place, may_write=shown.may_write, parent=parent)


def actions(shown: Shown) -> SafeString:
    """What can be done with a message that is not being written."""
    message = shown.message
    rates = shown.is_readers and message.role == Message.Role.ASSISTANT
    return _render(
        "_actions",
        message=message,
        may_write=shown.may_write,
        can_retry=shown.may_write and thread.can_retry(message),
        can_go_on=shown.may_write and thread.can_go_on(message),
        shows_tokens=rates and message.content,
        rating=rating(message, shown.rating) if rates else EMPTY,
        generation=message.generation if shown.is_readers else None,
    )


def rating(answer: Message, rating: int, swap: str = "") -> SafeString:
    """The thumbs of an answer: `rating` is 1, -1, or 0 for neither."""
    return _render("_rating", message=answer, rating=rating, swap=swap)


def feedback(
    request: HttpRequest, answer: Message, form: FeedbackForm, given: Feedback | None
) -> SafeString:
    return _render("_feedback", request, message=answer, form=form, given=given)


def details(answer: Message, run: Generation, zone: tzinfo) -> SafeString:
    return _render("_details", message=answer, parts=details_of(run, zone))


def _render(name: str, request: HttpRequest | None = None, **context: Any) -> SafeString:
    return render_to_string(f"messages/{name}.html", context, request)
