"""What waits of one's own, and stopping it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from inference import lifecycle, line
from inference.blinding import blind
from inference.models import Generation

router = Router(tags=["queue"], auth=requires("read"))


class WaitingRun(Schema):
    id: UUID
    model: str | None = Field(
        description="null while a blind comparison hides it.", examples=["parley-demo"]
    )
    source: str = Field(description="chat or api")
    created_at: datetime
    position: int = Field(description="In its model's line: 1 is next.")
    estimated_wait: float | None = Field(
        description="Seconds until it begins; null when nothing is known about the model's pace, or"
        " its name is hidden."
    )


class Queue(Schema):
    waiting: list[WaitingRun]


@router.get("/queue", response=Queue, summary="List what waits")
def list_waiting(request: AuthenticatedRequest) -> dict[str, Any]:
    """One's own runs that wait for a model, oldest first."""
    own = Generation.objects.filter(user=request.auth, status=Generation.Status.QUEUED)
    rows = own.select_related("model").defer("messages").order_by("created_at", "pk")
    hidden = set(blind(own).values_list("pk", flat=True))
    waiting = [(run, line.place(run)) for run in rows]
    return {
        "waiting": [
            _waiting_run(run, place, is_blind=run.pk in hidden)
            for run, place in waiting
            if place.position
        ]
    }


def _waiting_run(run: Generation, place: line.Place, *, is_blind: bool) -> dict[str, Any]:
    return {
        "id": run.pk,
        "model": None if is_blind else run.model.name,
        "source": run.source,
        "created_at": run.created_at,
        "position": place.position,
        "estimated_wait": None if is_blind else place.seconds,
    }


@router.delete(
    "/queue/{uuid:run_id}",
    response={204: None},
    auth=requires("chat"),
    summary="Stop what waits or runs",
)
def stop_run(request: AuthenticatedRequest, run_id: UUID) -> Status[None]:
    """Stop a run of one's own, also when it has begun meanwhile; 404 when it has ended."""
    live = Generation.objects.filter(user=request.auth, status__in=Generation.LIVE)
    with transaction.atomic():
        lifecycle.stop(get_object_or_404(live, pk=run_id))
    return Status(204, None)
