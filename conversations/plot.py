"""Bars, one for each day."""

from dataclasses import dataclass
from datetime import date
from math import floor, log10

from conversations.numbers import number, short
from inference.usage_days import Day

HEIGHT = 100


@dataclass(frozen=True)
class Bar:
    day: date
    url: str
    prompt: float
    generated: float
    """Heights; the generated part stands on the prompts'."""
    tokens: str

    @property
    def prompt_top(self) -> float:
        return HEIGHT - self.prompt

    @property
    def top(self) -> float:
        return HEIGHT - self.prompt - self.generated


@dataclass(frozen=True)
class Plot:
    bars: list[Bar]
    lines: list[str]
    """What the lines stand for, from the top one down."""


def plot(days: list[Day], urls: list[str] | None = None) -> Plot:
    """Of each day with the address that its bar leads to, if it leads anywhere."""
    most = _round_up(max(day.tokens for day in days))
    bars = [
        Bar(
            day.day,
            url,
            round(HEIGHT * day.prompt / most, 2),
            round(HEIGHT * day.generated / most, 2),
            number(day.tokens),
        )
        for day, url in zip(days, urls or [""] * len(days), strict=True)
    ]
    return Plot(bars, [short(most), short(most / 2), "0"])


def _round_up(value: int) -> float:
    """To 1, 2 or 5 times a power of ten."""
    if value < 10:
        return 10.0
    power: float = 10 ** floor(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
