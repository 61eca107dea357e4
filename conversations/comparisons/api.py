"""The comparisons of whoever asks, for programs. Strangers get 404, see access. To have the answers
streamed and nothing kept, there is POST /compare, see inference.api.platform.compare."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.authentication import AuthenticatedRequest, requires
from accounts.paging import PageIn, bad_cursor
from conversations.access import comparison_for
from conversations.api_conflicts import conflicts, invalid
from conversations.comparisons import actions
from conversations.comparisons.actions import answers_of
from conversations.comparisons.api_schemas import (
    BoardOut,
    CarriedOn,
    ComparisonOut,
    ComparisonPage,
    NewComparison,
    Vote,
    Wanted,
)
from conversations.comparisons.board import Board, board
from conversations.comparisons.history import history
from conversations.forms import Text, TextForm
from conversations.models import Comparison
from inference import key_limits
from inference.api.documentation import errors
from inference.api.errors import Problem
from inference.api.runs import check_served, usable_model
from inference.parameters import clean

router = Router(tags=["comparisons"], auth=requires("read"))

ONE = "/comparisons/{uuid:comparison_id}"


@router.get("/comparisons", response=ComparisonPage, summary="List comparisons")
def list_comparisons(request: AuthenticatedRequest, page: Query[PageIn]) -> dict[str, Any]:
    """One's own, the latest first."""
    try:
        found = history(request.auth, page.cursor, page.limit)
    except ValueError:
        raise bad_cursor() from None
    return {"comparisons": found.comparisons, "next_cursor": found.after or None}


@router.get("/comparisons/board", response=BoardOut, summary="Read the board")
def read_board(request: AuthenticatedRequest, wanted: Query[Wanted]) -> Board:
    """Win rates by all votes, after Bradley and Terry, with 95 % intervals. A tie is half a win for
    each."""
    return board(request.auth if wanted.only_mine else None, only_blind=wanted.only_blind)


@router.post(
    "/comparisons",
    response={202: ComparisonOut, **errors(404)},
    auth=requires("chat"),
    summary="Compare models",
)
def create_comparison(request: AuthenticatedRequest, body: NewComparison) -> Status[Comparison]:
    """The answers are queued and go on whether or not anybody waits for them, as in the page. All
    have the same parameters and seed; what is left out follows the settings of each model. Ask
    until no `status` is queued or streaming."""
    key_limits.check_choices(request.api_key, len(body.model_ids), "model_ids")
    models = [usable_model(request, name, "model_ids") for name in body.model_ids]
    for model in models:
        check_served(model)
    form = TextForm({"text": body.prompt})
    if not form.is_valid():
        raise invalid("prompt", form.first_error)
    comparison = actions.compare(
        request.auth,
        models,
        form.cleaned_data["text"],
        Text(required=False, strip=False).clean(body.instructions),
        clean(body.parameters),
        is_blind=body.is_blind,
        api_key=request.api_key,
    )
    return Status(202, comparison)


@router.get(ONE, response=ComparisonOut, summary="Read a comparison")
def read_comparison(request: AuthenticatedRequest, comparison_id: UUID) -> Comparison:
    return comparison_for(request.auth, comparison_id)


@router.put(
    ONE + "/vote",
    response={200: ComparisonOut, **errors(409)},
    auth=requires("chat"),
    summary="Vote",
)
def put_vote(request: AuthenticatedRequest, comparison_id: UUID, body: Vote) -> Comparison:
    """When all answers have ended. A vote can be changed; it counts as blind only if it was given
    before the names were shown."""
    comparison = comparison_for(request.auth, comparison_id)
    answers = {answer.pk: answer for answer in answers_of(comparison)}
    if body.winner_id is not None and body.winner_id not in answers:
        message = _("winner_id: There is no such answer.")
        raise Problem(400, "invalid_value", message, param="winner_id")
    with conflicts():
        actions.vote(comparison, body.verdict, answers.get(body.winner_id or 0))
    return comparison_for(request.auth, comparison_id)


@router.post(
    ONE + "/stop", response={202: ComparisonOut}, auth=requires("chat"), summary="Stop a comparison"
)
def stop_comparison(request: AuthenticatedRequest, comparison_id: UUID) -> Status[Comparison]:
    """What has been written stays."""
    comparison = comparison_for(request.auth, comparison_id)
    actions.stop(answers_of(comparison))
    return Status(202, comparison)


@router.post(
    ONE + "/answers/{int:answer_id}/carry-on",
    response={201: CarriedOn, **errors(409)},
    auth=requires("chat"),
    summary="Carry on with an answer",
)
def carry_on(
    request: AuthenticatedRequest, comparison_id: UUID, answer_id: int
) -> Status[dict[str, Any]]:
    """A conversation of the prompt and this answer, with the comparison's parameters; the second
    time it is the same one. In a blind comparison, after the vote."""
    comparison = comparison_for(request.auth, comparison_id)
    answer = get_object_or_404(comparison.answers, pk=answer_id)
    with conflicts():
        return Status(201, {"conversation_id": actions.carry_on(answer).pk})


@router.delete(ONE, response={204: None}, auth=requires("manage"), summary="Delete a comparison")
def delete_comparison(request: AuthenticatedRequest, comparison_id: UUID) -> Status[None]:
    """With its answers and the vote. Conversations that carry on with an answer stay."""
    actions.delete(comparison_for(request.auth, comparison_id))
    return Status(204, None)
