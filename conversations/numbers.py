"""How large numbers are written."""

from django.utils.formats import number_format

NOTHING = "–"


def number(value: float | None) -> str:
    return NOTHING if value is None else number_format(value, 0, force_grouping=True)


def short(value: float | None) -> str:
    """1234567 as 1.2 M."""
    if value is None or abs(value) < 10_000:
        return number(value)
    size, unit = (1e9, "G") if value >= 1e9 else (1e6, "M") if value >= 1e6 else (1e3, "k")
    scaled = round(value / size, 1 if value < 100 * size else 0)
    return f"{number_format(scaled, 0 if scaled == int(scaled) else 1)}\N{NO-BREAK SPACE}{unit}"
