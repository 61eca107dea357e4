"""Comparing models: asking, looking on, voting, and the board of all votes."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations.access import compared_answer_for, comparison_for
from conversations.comparisons import actions, fragments
from conversations.comparisons.actions import answers_of
from conversations.comparisons.board import board
from conversations.comparisons.forms import ComparisonForm, VoteForm
from conversations.comparisons.history import History, history, last_models
from conversations.comparisons.plot import plot
from conversations.dialogs import dialog
from conversations.layers import below
from conversations.models import Comparison
from conversations.pages import page
from conversations.refusals import Refused
from conversations.replies import CONFLICT, TOO_MANY, UNPROCESSABLE, retry_after
from conversations.requests import HtmxHttpRequest, go, notice, signed_in
from inference.admission import QueueFull
from inference.models import AIModel


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def compare(request: HtmxHttpRequest) -> HttpResponse:
    """What to ask whom, and what was asked before."""
    if request.method != "POST":
        return _start(request, _empty_form(request))
    form = ComparisonForm(request.POST, below=below(None))
    if not form.is_valid():
        return _start(request, form, form.first_error, UNPROCESSABLE)
    asked = form.cleaned_data
    try:
        comparison = actions.compare(
            request.user,
            asked["models"],
            asked["prompt"],
            asked["instructions"],
            form.parameters,
            is_blind=asked["is_blind"],
        )
    except QueueFull as full:
        return retry_after(_start(request, form, str(full), TOO_MANY), full)
    return go(request, comparison.get_absolute_url())


@require_GET
@gzip_page
@signed_in
def earlier(request: HtmxHttpRequest) -> HttpResponse:
    """More of what was asked before."""
    try:
        found = history(request.user, request.GET.get("before", "")[:200])
    except ValueError:
        raise Http404 from None
    if not request.htmx:
        return _start(request, _empty_form(request), found=found)
    return HttpResponse(fragments.history(found))


@require_GET
@gzip_page
@signed_in
def comparison(request: HtmxHttpRequest, comparison_id: UUID) -> HttpResponse:
    return _page(request, comparison_for(request.user, comparison_id))


@require_POST
@signed_in
def vote(request: HtmxHttpRequest, comparison_id: UUID) -> HttpResponse:
    found = comparison_for(request.user, comparison_id)
    form = VoteForm(request.POST, found)
    if not form.is_valid():
        return _refuse(request, found, _("Choose one of the answers."), UNPROCESSABLE)
    try:
        actions.vote(found, *form.cleaned_data["choice"])
    except Refused as refusal:
        return _refuse(request, found, str(refusal), CONFLICT)
    return _done(request, found)


@require_POST
@signed_in
def stop_all(request: HtmxHttpRequest, comparison_id: UUID) -> HttpResponse:
    found = comparison_for(request.user, comparison_id)
    actions.stop(answers_of(found))
    return _done(request, found)


@require_POST
@signed_in
def again(request: HtmxHttpRequest, comparison_id: UUID) -> HttpResponse:
    found = comparison_for(request.user, comparison_id)
    try:
        new = actions.again(found)
    except Refused as refusal:
        return _refuse(request, found, str(refusal), CONFLICT)
    except QueueFull as full:
        return retry_after(_refuse(request, found, str(full), TOO_MANY), full)
    return go(request, new.get_absolute_url())


@require_http_methods(["GET", "POST"])
@signed_in
def delete(request: HtmxHttpRequest, comparison_id: UUID) -> HttpResponse:
    found = comparison_for(request.user, comparison_id)
    if request.method != "POST":
        return dialog(request, "comparisons/_delete.html", {"comparison": found})
    actions.delete(found)
    return go(request, "/compare/")


@require_POST
@signed_in
def stop(request: HtmxHttpRequest, answer_id: int) -> HttpResponse:
    answer = compared_answer_for(request.user, answer_id)
    actions.stop([answer])
    return _done(request, answer.comparison)


@require_POST
@signed_in
def retry(request: HtmxHttpRequest, answer_id: int) -> HttpResponse:
    answer = compared_answer_for(request.user, answer_id)
    try:
        actions.retry(answer)
    except Refused as refusal:
        return _refuse(request, answer.comparison, str(refusal), CONFLICT)
    except QueueFull as full:
        return retry_after(_refuse(request, answer.comparison, str(full), TOO_MANY), full)
    return _done(request, answer.comparison)


@require_POST
@signed_in
def carry_on(request: HtmxHttpRequest, answer_id: int) -> HttpResponse:
    answer = compared_answer_for(request.user, answer_id)
    try:
        conversation = actions.carry_on(answer)
    except Refused as refusal:
        return _refuse(request, answer.comparison, str(refusal), CONFLICT)
    return go(request, conversation.get_absolute_url())


@require_GET
@gzip_page
@signed_in
def standings(request: HtmxHttpRequest) -> HttpResponse:
    """The board of all votes, or of one's own; of all comparisons, or of blind ones."""
    only_own, only_blind = request.GET.get("of") == "me", request.GET.get("blind") == "1"
    found = board(request.user if only_own else None, only_blind=only_blind)
    context = {"board": found, "plot": plot(found), "of_me": only_own, "blind": only_blind}
    return page(request, "comparisons/board.html", context)


def _empty_form(request: HtmxHttpRequest) -> ComparisonForm:
    remembered = [model.name for model in last_models(request.user)]
    return ComparisonForm(initial={"models": remembered}, below=below(None))


def _start(
    request: HtmxHttpRequest,
    form: ComparisonForm,
    problem: str = "",
    status: int = 200,
    found: History | None = None,
) -> HttpResponse:
    if problem and request.htmx:
        return notice(problem, status)
    if problem:
        messages.error(request, problem)
    context = {
        "form": form,
        "models": AIModel.objects.usable(),
        "chosen": form["models"].value() or [],
        "history": fragments.history(found or history(request.user)),
    }
    return page(request, "comparisons/start.html", context, status=status)


def _page(request: HtmxHttpRequest, found: Comparison, status: int = 200) -> HttpResponse:
    answers = answers_of(found)
    context = {
        "comparison": found,
        "parameters": fragments.parameters(found),
        "columns": [fragments.column(answer) for answer in answers],
        "verdict": fragments.verdict(found, answers),
        "version": fragments.version(found, answers),
    }
    return page(request, "comparisons/comparison.html", context, status=status)


def _refuse(request: HtmxHttpRequest, found: Comparison, text: str, status: int) -> HttpResponse:
    if request.htmx:
        return notice(text, status)
    messages.error(request, text)
    return _page(request, found, status)


def _done(request: HtmxHttpRequest, found: Comparison) -> HttpResponse:
    """What changed comes to every page by its socket."""
    return HttpResponse(status=204) if request.htmx else redirect(found)
