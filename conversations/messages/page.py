"""What is about one message."""

from django.http import HttpResponse

from conversations.models import Message
from conversations.pages import page
from conversations.requests import HtmxHttpRequest


def part(request: HtmxHttpRequest, message: Message, html: str, status: int = 200) -> HttpResponse:
    """For a place in the page; a page of its own for a browser without scripts."""
    if request.htmx:
        return HttpResponse(html, status=status)
    context = {"form": html}
    return page(
        request, "messages/page.html", context, conversation=message.conversation, status=status
    )
