"""Reading messages, ending and repeating answers, and saying how good they are."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from conversations import actions, thread
from conversations import fragments as pages
from conversations.access import conversation_for, message_for
from conversations.messages import feedback as opinions
from conversations.messages import fragments
from conversations.messages.forms import FeedbackForm
from conversations.messages.page import part
from conversations.messages.shown import for_reader
from conversations.models import Feedback, Message
from conversations.pages import chat_page
from conversations.refusals import Refused
from conversations.replies import CONFLICT, UNPROCESSABLE, done, refuse, refuse_for_now
from conversations.requests import HtmxHttpRequest, number_of, signed_in
from conversations.sidebar import zone_of
from inference.admission import QueueFull


@require_GET
@gzip_page
@signed_in
def earlier(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "read")
    before = number_of(request.GET.get("before"))
    if not request.htmx:
        return chat_page(request, found, before=before)
    messages, more = thread.shown(found, before)
    return HttpResponse(pages.earlier(for_reader(messages, found, request.user), more, found))


@require_GET
@signed_in
def text(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    """What was written, as Markdown, for the clipboard."""
    message = message_for(request.user, message_id, "read")
    return HttpResponse(message.content, content_type="text/plain; charset=utf-8")


@require_POST
@signed_in
def stop(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    message = message_for(request.user, message_id, "write")
    actions.stop(message)
    return done(request, message.conversation)


@require_POST
@signed_in
def retry(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    return _asked_for(request, message_id, actions.retry)


@require_POST
@signed_in
def go_on(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    return _asked_for(request, message_id, actions.go_on)


@require_GET
@signed_in
def details(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    message = message_for(request.user, message_id, "read")
    run = message.generation
    if run is None or run.is_live:
        raise Http404
    zone = zone_of(request.COOKIES)
    return part(request, message, fragments.details(message, run, zone))


@require_http_methods(["GET", "POST"])
@signed_in
def feedback(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    answer = message_for(request.user, message_id, "read")
    if request.method == "POST":
        return _rate(request, answer)
    if answer.role != Message.Role.ASSISTANT:
        raise Http404
    given = Feedback.objects.filter(user=request.user, message=answer).first()
    return _feedback_form(request, answer, FeedbackForm(initial=_said(given)), given)


def _asked_for(
    request: HtmxHttpRequest, message_id: int, ask: Callable[[User, Message], None]
) -> HttpResponse:
    message = message_for(request.user, message_id, "write")
    try:
        ask(request.user, message)
    except Refused as refusal:
        return refuse(request, message.conversation, str(refusal), CONFLICT)
    except QueueFull as full:
        return refuse_for_now(request, message.conversation, full)
    return done(request, message.conversation)


def _rate(request: HtmxHttpRequest, answer: Message) -> HttpResponse:
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _feedback_form(request, answer, form, None, UNPROCESSABLE)
    said = form.cleaned_data
    try:
        if said["rating"]:
            opinions.rate(request.user, answer, **said)
        else:
            opinions.withdraw(request.user, answer)
    except Refused as refusal:
        return refuse(request, answer.conversation, str(refusal), CONFLICT)
    if not request.htmx:
        return done(request, answer.conversation, at=answer)
    thumbs = fragments.rating(answer, said["rating"] or 0, swap="true")
    return HttpResponse(thumbs, headers={"HX-Trigger": "parley:done"})


def _said(given: Feedback | None) -> dict[str, str]:
    """Of what was wrong; that an answer was good needs no reason."""
    if given is None or given.rating == Feedback.Rating.UP:
        return {}
    return {"reason": given.reason, "comment": given.comment}


def _feedback_form(
    request: HtmxHttpRequest,
    answer: Message,
    form: FeedbackForm,
    given: Feedback | None,
    status: int = 200,
) -> HttpResponse:
    return part(request, answer, fragments.feedback(request, answer, form, given), status)
