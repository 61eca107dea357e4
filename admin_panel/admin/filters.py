"""Filters of the lists."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from unfold.contrib.filters.admin import RangeDateFilter


class DayRangeFilter(RangeDateFilter):
    """From one day to another, both with all their hours (the theme's own range ends with the
    first moment of its last day); or, in links from the overview, from one moment to another."""

    def __init__(
        self,
        field: Any,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: Any,
        field_path: str,
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        for name, values in self.used_parameters.items():
            self.used_parameters[name] = values[-1]  # Django keeps all that the address has
        self._first = self._moment("__gte") or self._day("_from")
        last = self._day("_to")
        self._end = self._moment("__lt") or (last + timedelta(days=1) if last else None)

    def expected_parameters(self) -> list[str]:
        return [f"{self.field_path}{end}" for end in ("_from", "_to", "__gte", "__lt")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self._first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": self._first})
        if self._end:
            queryset = queryset.filter(**{f"{self.field_path}__lt": self._end})
        return queryset

    def _moment(self, end: str) -> datetime | None:
        try:
            moment = parse_datetime(self.used_parameters.get(f"{self.field_path}{end}", ""))
        except ValueError:
            return None
        return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment

    def _day(self, end: str) -> datetime | None:
        """A day that can't be is as good as none."""
        try:
            day = parse_date(self.used_parameters.get(f"{self.field_path}{end}") or "")
        except ValueError:
            return None
        return timezone.make_aware(datetime.combine(day, time.min)) if day else None
