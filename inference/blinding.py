"""Runs whose owner is not to know yet which model they are of. Which those are is known where the
runs are asked for, and told here when the process starts."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from inference.models import Generation

NONE = Q(pk__in=())
_hidden: list[Q] = []


def hide_models_of(runs: Q) -> None:
    """Of every run that this holds for, as long as it does."""
    _hidden.append(runs)


def blind(runs: QuerySet[Generation]) -> QuerySet[Generation]:
    """Those of them whose model is hidden."""
    return runs.filter(reduce(or_, _hidden, NONE))
