"""The queue is a query: which waiting run is next, fair over users. Claims are conditional UPDATEs.

What Celery carries are permits: a message means "this model has work", not "do this work", so a
lost, late or doubled message does no harm.
"""

import logging
from datetime import timedelta
from uuid import UUID

from celery import current_app
from django.db.models import (
    BigIntegerField,
    Count,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone
from kombu.exceptions import OperationalError

from inference.models import AIModel, Generation, UsageLog

logger = logging.getLogger(__name__)

SERVE_TASK = "inference.serve"
LEASE = timedelta(seconds=15)
"""A worker renews its claims well within this time, or it is taken for dead."""
PERMIT_SECONDS = 3600

SERVED_WINDOW = timedelta(minutes=10)
"""What a user was served longer ago does not count any more."""
GENERATED_WEIGHT = 2
"""A generated token costs as much as so many tokens of a prompt, as in the experiments of Sheng et
al., "Fairness in Serving Large Language Models" (OSDI 2024), and about as processors take for it:
a small model reads some 120 tokens of prompts a second and generates some 60 for all its users."""
EXPECTED_COST = 500
"""Of a run whose cost is not known yet: a prompt of 100 tokens and an answer of 200. It is the same
for every run, so that among users who were served nothing age alone decides."""


def fair_order(model_id: int) -> QuerySet[Generation]:
    """The waiting runs of a model, next first: those of users who were served least, then by age.

    A user has been served the tokens of their runs in SERVED_WINDOW, without those of prompts that
    were in the cache already, as by the virtual token counter of Sheng et al. (2024). What they
    have running, and those of their own runs that are before this one, count as EXPECTED_COST.
    Nobody starves: a user who gets nothing for SERVED_WINDOW counts as served nothing, and then
    no run that comes later is before their oldest.
    """
    running = (
        Generation.objects.filter(user=OuterRef("user"), status=Generation.Status.RUNNING)
        .order_by()
        .values("user")
        .annotate(count=Count("pk"))
        .values("count")
    )
    evaluated = F("input_tokens") - F("cached_tokens")
    served = (
        UsageLog.objects.filter(
            user=OuterRef("user"), created_at__gt=timezone.now() - SERVED_WINDOW
        )
        .order_by()
        .values("user")
        .annotate(cost=Sum(evaluated + GENERATED_WEIGHT * F("output_tokens")))
        .values("cost")
    )
    turn = Window(RowNumber(), partition_by="user", order_by=["created_at", "pk"])
    unfinished = turn + Coalesce(Subquery(running, output_field=IntegerField()), 0)
    cost = Coalesce(Subquery(served, output_field=BigIntegerField()), 0)
    return (
        Generation.objects.filter(model_id=model_id, status=Generation.Status.QUEUED)
        .annotate(cost=cost + EXPECTED_COST * unfinished)
        .order_by("cost", "created_at", "pk")
    )


def claim(model_id: int, worker: str, newcomers_only: bool = False) -> Generation | None:
    """Take the next waiting run, or None when there is none left.

    `newcomers_only`: of users who have no run of this model on this worker, for seats that are
    kept free for them. Two claims at the same moment may take two runs of one newcomer.
    """
    while (next_id := _next(model_id, worker if newcomers_only else None)) is not None:
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


def _next(model_id: int, without_users_of: str | None) -> UUID | None:
    """The run whose turn it is; if a worker is named, of a user who has none running there."""
    waiting = Generation.objects.filter(model_id=model_id, status=Generation.Status.QUEUED)
    few = list(waiting.order_by().values_list("pk", flat=True)[:2])
    if not few:
        return None
    if without_users_of is None and len(few) == 1:  # mostly, and then who was served what is idle
        return few[0]
    order = fair_order(model_id)
    if without_users_of is not None:
        here = Generation.objects.filter(
            model_id=model_id, worker=without_users_of, status=Generation.Status.RUNNING
        )
        order = order.exclude(user__in=here.values("user"))
    return order.values_list("pk", flat=True).first()


def has_waiting(model_id: int) -> bool:
    return Generation.objects.filter(model_id=model_id, status=Generation.Status.QUEUED).exists()


def renew(claims: dict[UUID, int]) -> None:
    """Prolong the leases of the runs (by id, with the attempt) that this worker works on."""
    for attempt in set(claims.values()):
        mine = [generation_id for generation_id, number in claims.items() if number == attempt]
        Generation.objects.filter(
            pk__in=mine, attempt=attempt, status=Generation.Status.RUNNING
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
