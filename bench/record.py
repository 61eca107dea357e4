"""What was measured, by name, once per repeat; and the rows of the table that come of it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median


class Bound(Enum):
    AT_LEAST = "≥"
    AT_MOST = "≤"
    NONE = ""


@dataclass(frozen=True)
class Row:
    """A line of the table: a figure in each repeat, and what it must reach."""

    figure: str
    values: Sequence[float]
    bound: Bound = Bound.NONE
    limit: float = 0.0
    form: str = "{:.2f}"

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def is_reached(self) -> bool:
        if self.bound is Bound.AT_LEAST:
            return self.median >= self.limit
        return self.bound is Bound.NONE or self.median <= self.limit


class Record:
    """Values by name. Those of one repeat have the same place in each list, so that their ratio
    is one of figures taken right after each other."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, value: float) -> None:
        self.values[name].append(value)

    def of(self, name: str) -> list[float]:
        return self.values[name]

    def ratio(self, one: str, *others: str, best: Callable[..., float] = max) -> list[float]:
        """In each repeat, `one` over the best of the others."""
        columns = zip(self.of(one), *(self.of(other) for other in others), strict=True)
        return [value / best(rest) for value, *rest in columns]
