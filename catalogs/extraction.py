"""The strings that pages show, as the source marks them."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("templates", "accounts", "conversations", "inference", "admin_panel", "chatsite")
ENGLISH_ONLY = re.compile(
    r"/(migrations|management|admin|admin_panel)/"
    r"|/api(_\w+)?(/|\.py$)"
    r"|/accounts/(authentication|paging|request_rate)\.py$"
    r"|/inference/worker/(?!outcomes\.py|worker\.py)"
    r"|/inference/(downloads|gguf|hub|images|key_limits|registry|vision|vocabularies)\.py$"
)
"""What programs, operators and staff read: the APIs' errors, commands, models' files, the admin."""

KEYWORDS = {
    **{re.sub("^u", "", name): places for name, places in DEFAULT_KEYWORDS.items()},
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}

Found = tuple[int, str, str | tuple[str | None, ...] | None, list[str]]
"""A line's number, the name of the function, its strings (None is a variable), the comments for
translators."""


def template() -> Catalog:
    """All messages of the source, each with the places that use it."""
    catalog = Catalog(project="Parley", fuzzy=False)
    for path in sorted(_sources()):
        name = path.relative_to(ROOT).as_posix()
        for _line, function, strings, comments in _found(path):
            _add(catalog, name, function, strings, comments)
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
    yield from extract_python(
        BytesIO(source.encode()), list(KEYWORDS), ["Translators:"], {"encoding": "utf-8"}
    )


def _add(
    catalog: Catalog,
    name: str,
    function: str,
    strings: str | tuple[str | None, ...] | None,
    comments: list[str],
) -> None:
    given = strings if isinstance(strings, tuple) else (strings,)
    places = KEYWORDS[function] or (1,)
    context, ids = None, []
    for place in places:
        if isinstance(place, tuple):
            context = given[place[0] - 1]
        else:
            ids.append(given[place - 1])
    if all(ids):
        id = tuple(map(str, ids)) if len(ids) > 1 else str(ids[0])
        catalog.add(id, locations=[(name, 0)], auto_comments=comments, context=context)
