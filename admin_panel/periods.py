"""The spans of time that the overview compares."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.db.models import Q
from django.utils import timezone

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Period:
    start: datetime
    end: datetime

    @property
    def rows(self) -> Q:
        return Q(created_at__gte=self.start, created_at__lt=self.end)

    @property
    def query(self) -> dict[str, str]:
        """For the address of a list of these rows."""
        return {"created_at__gte": self.start.isoformat(), "created_at__lt": self.end.isoformat()}

    def before(self) -> Self:
        return type(self)(self.start - WEEK, self.end - WEEK)


def so_far_today() -> Period:
    """Compared with the same hours of the same weekday: half a day is not held against a whole."""
    now = timezone.localtime()
    return Period(now.replace(hour=0, minute=0, second=0, microsecond=0), now)


def last_week() -> Period:
    now = timezone.localtime()
    return Period(now - WEEK, now)
