"""Tokens by day, for a plot of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from inference.models import UsageLog


@dataclass(frozen=True)
class Day:
    day: date
    prompt: int
    generated: int

    @property
    def tokens(self) -> int:
        return self.prompt + self.generated


def of_last_days(rows: QuerySet[UsageLog], days: int) -> QuerySet[UsageLog]:
    """Those of the last so many days, today included."""
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return rows.filter(created_at__gte=start - timedelta(days=days - 1)).order_by()


def tokens_by_day(rows: QuerySet[UsageLog], days: int) -> list[Day]:
    """The last so many days, today last; quiet ones too."""
    today = timezone.localdate()
    wanted = [today - timedelta(days=ago) for ago in reversed(range(days))]
    sums = (
        of_last_days(rows, days)
        .values(day=TruncDate("created_at"))
        .annotate(prompt=Sum("input_tokens"), generated=Sum("output_tokens"))
    )
    found = {row["day"]: Day(row["day"], row["prompt"], row["generated"]) for row in sums}
    return [found.get(day, Day(day, 0, 0)) for day in wanted]
