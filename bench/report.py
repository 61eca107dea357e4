"""The figures as Markdown."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version

from bench.llama_server import PACKAGE
from bench.machine import description
from bench.record import Bound, Record, Row


def markdown(rows: Sequence[Row], record: Record, remarks: Iterable[str]) -> str:
    """The table, what it was made of, and the machine."""
    about = [
        f"Machine: {description()}. Model: random weights in the shape of Qwen2.5-0.5B, Q4_K_M."
        f" llama.cpp as in {PACKAGE} {version(PACKAGE)}.",
        *remarks,
    ]
    compared = _table(("figure", "measured", "must reach", "ok"), map(_cells, rows))
    measured = _table(
        ("measured", "median", "least", "most"),
        (_summary(name, values) for name, values in record.values.items()),
    )
    return "\n\n".join([*about, compared, measured]) + "\n"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, rule, *lines])


def _cells(row: Row) -> tuple[str, str, str, str]:
    middle, least, most = map(row.form.format, (row.median, min(row.values), max(row.values)))
    spread = f" ({least}–{most})" if len(row.values) > 1 else ""
    if row.bound is Bound.NONE:
        return row.figure, middle + spread, "", ""
    reach = f"{row.bound.value} {row.form.format(row.limit)}"
    return row.figure, middle + spread, reach, "yes" if row.is_reached else "**no**"


def _summary(name: str, values: Sequence[float]) -> tuple[str, str, str, str]:
    middle = Row(name, values).median
    return name, *(f"{value:,.3g}" for value in (middle, min(values), max(values)))
