"""The queue is a query: which waiting run is next, fair over users. Claims are conditional UPDATEs.

What Celery carries are permits: a message means "this model has work", not "do this work", so a
lost, late or doubled message does no harm.
"""

import logging
from datetime import timedelta
from uuid import UUID

from celery import current_app
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone
from kombu.exceptions import OperationalError

from inference.models import AIModel, Generation

logger = logging.getLogger(__name__)

SERVE_TASK = "inference.serve"
LEASE = timedelta(seconds=15)
"""A worker renews its claims well within this time, or it is taken for dead."""
PERMIT_SECONDS = 3600


def fair_order(model_id: int) -> QuerySet[Generation]:
    """The waiting runs of a model, next first: a user's n-th run counts as n, plus those they
    have running, so that everybody's first comes before anybody's second; then by age."""
    running = (
        Generation.objects.filter(user=OuterRef("user"), status=Generation.Status.RUNNING)
        .order_by()
        .values("user")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return (
        Generation.objects.filter(model_id=model_id, status=Generation.Status.QUEUED)
        .annotate(
            turn=Window(RowNumber(), partition_by="user", order_by="created_at")
            + Coalesce(Subquery(running, output_field=IntegerField()), 0)
        )
        .order_by("turn", "created_at", "pk")
    )


def position(generation: Generation) -> int:
    """1 is next; 0 for a run that does not wait any more."""
    waiting = list(fair_order(generation.model_id).values_list("pk", flat=True))
    return waiting.index(generation.pk) + 1 if generation.pk in waiting else 0


def claim(model_id: int, worker: str) -> Generation | None:
    """Take the next waiting run, or None when there is none left."""
    while (next_id := fair_order(model_id).values_list("pk", flat=True).first()) is not None:
        now = timezone.now()
        taken = Generation.objects.filter(pk=next_id, status=Generation.Status.QUEUED).update(
            status=Generation.Status.RUNNING,
            attempt=F("attempt") + 1,
            worker=worker,
            lease_until=now + LEASE,
            started_at=Coalesce("started_at", now),
        )
        if taken:
            return Generation.objects.select_related("model").get(pk=next_id)
    return None


def renew(claims: dict[UUID, int]) -> None:
    """Prolong the leases of the runs (by id, with the attempt) that this worker works on."""
    for generation_id, attempt in claims.items():
        Generation.objects.filter(
            pk=generation_id, attempt=attempt, status=Generation.Status.RUNNING
        ).update(lease_until=timezone.now() + LEASE)


def give_back(generation_id: UUID, attempt: int) -> None:
    """Return a claimed run to the queue; whoever claims it goes on from its last token."""
    Generation.objects.filter(
        pk=generation_id, attempt=attempt, status=Generation.Status.RUNNING
    ).update(status=Generation.Status.QUEUED, worker="", lease_until=None)


def recover() -> int:
    """Return the runs of dead workers to the queue; how many there were."""
    return Generation.objects.filter(
        status=Generation.Status.RUNNING, lease_until__lt=timezone.now()
    ).update(status=Generation.Status.QUEUED, worker="", lease_until=None)


def announce(model: AIModel, runs: int = 1) -> None:
    """Tell the workers of a model that so many runs wait. When Redis is away they learn it later.

    A permit serves one run after another, so as many are needed as runs are to go on at once.
    """
    try:
        for _ in range(min(runs, model.slots)):
            current_app.send_task(
                SERVE_TASK, [model.pk], queue=model.queue, expires=PERMIT_SECONDS, retry=False
            )
    except OperationalError:
        logger.warning("Redis is away; workers will look for waiting work by themselves")
