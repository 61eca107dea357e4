"""Which models people prefer: the votes on comparisons, counted and made into win rates."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Max, QuerySet

from accounts.models import User
from conversations.models import ComparedAnswer, Comparison
from inference.models import AIModel

FEW_VOTES = 30
"""Below, a model's place may well be chance."""
TOO_FEW_VOTES = 5
"""Below, there is no interval: what is drawn from so few votes looks more certain than it is."""
FEWEST = 2


@dataclass(frozen=True)
class Standing:
    model: str
    title: str
    rate: float
    """The chance to be preferred to another model of the board, on average, from 0 to 1."""
    low: float
    high: float
    votes: int

    @property
    def has_few_votes(self) -> bool:
        return self.votes < FEW_VOTES

    @property
    def has_interval(self) -> bool:
        return self.votes >= TOO_FEW_VOTES


@dataclass(frozen=True)
class Board:
    standings: tuple[Standing, ...]
    """The best first; empty until two models have been compared."""
    votes: int


def board(user: User | None = None, *, only_blind: bool = False) -> Board:
    """By everybody's votes, or this user's own. It is computed once until the next vote."""
    seen = _voted(user.pk if user else None, only_blind).aggregate(
        count=Count("pk"), last=Max("voted_at")
    )
    return _computed(user.pk if user else None, only_blind, seen["count"], seen["last"])


@lru_cache(maxsize=64)
def _computed(user_id: int | None, only_blind: bool, _count: int, _last: datetime | None) -> Board:
    from conversations.comparisons import bradley_terry  # loads numpy and scipy

    counted = _counted(_voted(user_id, only_blind))
    ballots = {
        bradley_terry.Ballot(models, winner): count for (models, winner), count in counted.items()
    }
    names = sorted({name for ballot in ballots for name in ballot.models})
    if not names:
        return Board((), 0)
    votes = Counter(name for ballot, count in ballots.items() for name in ballot.models * count)
    titles = {model.name: str(model) for model in AIModel.objects.filter(name__in=names)}
    standings = [
        Standing(name, titles.get(name, name), rate.value, rate.low, rate.high, votes[name])
        for name, rate in zip(names, bradley_terry.rates(ballots, names), strict=True)
    ]
    standings.sort(key=lambda standing: -standing.rate)
    return Board(tuple(standings), counted.total())


def _voted(user_id: int | None, only_blind: bool) -> QuerySet[Comparison]:
    rows = Comparison.objects.exclude(voted_at=None)
    if user_id is not None:
        rows = rows.filter(user=user_id)
    return rows.filter(voted_blind=True) if only_blind else rows


def _counted(voted: QuerySet[Comparison]) -> Counter[tuple[tuple[str, ...], str | None]]:
    """How often these models were compared, and which was the best, or None for a tie."""
    answers = ComparedAnswer.objects.filter(comparison__in=voted).exclude(content="")
    among: dict[object, list[str]] = {}
    winners: dict[object, str] = {}
    rows = answers.values_list("pk", "model_name", "comparison", "comparison__winner")
    for pk, name, comparison, winner in rows.order_by("comparison", "model_name"):
        among.setdefault(comparison, []).append(name)
        if pk == winner:
            winners[comparison] = name
    return Counter(
        (tuple(names), winners.get(comparison))
        for comparison, names in among.items()
        if len(names) >= FEWEST
    )
