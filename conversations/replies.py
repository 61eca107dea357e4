"""What a form that was posted gets back. What it changed comes to every page by its socket; a
browser without scripts goes on to a page that shows it."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from conversations.models import Conversation, Message
from conversations.pages import chat_page
from conversations.requests import HtmxHttpRequest, notice
from conversations.requests import go as go_to
from inference.admission import QueueFull

NOT_FOUND, CONFLICT, UNPROCESSABLE, TOO_MANY = 404, 409, 422, 429


def done(
    request: HtmxHttpRequest, found: Conversation | None, at: Message | None = None
) -> HttpResponse:
    """`at` is the message to look at."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Trigger": "parley:done"})
    return go(request, found, at)


def go(
    request: HtmxHttpRequest, found: Conversation | None, at: Message | None = None
) -> HttpResponse:
    address = found.get_absolute_url() if found else "/"
    if at:
        address += f"#message-{at.pk}"
    return go_to(request, address)


def refuse(
    request: HtmxHttpRequest, found: Conversation | None, text: str, status: int
) -> HttpResponse:
    if request.htmx:
        return notice(text, status)
    return chat_page(request, found, notice=text, status=status)


def refuse_for_now(
    request: HtmxHttpRequest, found: Conversation | None, full: QueueFull
) -> HttpResponse:
    return retry_after(refuse(request, found, str(full), TOO_MANY), full)


def retry_after(response: HttpResponse, full: QueueFull) -> HttpResponse:
    response["Retry-After"] = str(full.retry_after)
    return response


def gone(request: HtmxHttpRequest) -> HttpResponse:
    text = _("This conversation isn’t there any more. What you typed is kept.")
    if request.htmx:
        return notice(text, NOT_FOUND, link="/", link_text=_("Start a new one"))
    return chat_page(request, None, notice=text, status=NOT_FOUND)
