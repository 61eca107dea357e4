"""The strings that pages show, as the source marks them."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("templates", "accounts", "conversations", "inference", "chatsite")
ENGLISH_ONLY = re.compile(
    r"/(migrations|management|admin|unfold)/"
    r"|/api(_\w+)?(/|\.py$)"
    r"|/accounts/(authentication|paging|request_rate)\.py$"
    r"|/inference/worker/(?!outcomes\.py|worker\.py)"
    r"|/inference/(downloads|gguf|hub|images|key_limits|registry|vision|vocabularies)\.py$"
)
"""What programs, operators and staff read: the APIs' errors, commands, models' files, the admin."""

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}

Found = tuple[str | tuple[str, ...], list[str], str | None]
"""A message (one in several forms is a tuple), comments for translators, a context."""


def template() -> Catalog:
    """All messages of the source, each with the places that use it."""
    catalog = Catalog(project="Parley", fuzzy=False)
    for path in sorted(_sources()):
        name = path.relative_to(ROOT).as_posix()
        for message, comments, context in _found(path):
            catalog.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalog


def _sources() -> Iterator[Path]:
    for place in PLACES:
        for path in (ROOT / place).rglob("*"):
            inside = f"/{path.relative_to(ROOT).as_posix()}"
            if path.suffix in {".py", ".html", ".txt"} and not ENGLISH_ONLY.search(inside):
                yield path


def _found(path: Path) -> Iterator[Found]:
    source = path.read_text()
    if path.suffix != ".py":
        # Django's own form for extractors: calls of gettext, and X for all else. Lines that begin
        # without blanks make it Python enough.
        source = "\n".join(line.strip() for line in templatize(source).split("\n"))
    file = BytesIO(source.encode())
    for _line, message, comments, context in extract(
        "python", file, KEYWORDS, ["Translators:"], {"encoding": "utf-8"}
    ):
        yield message, comments, context
