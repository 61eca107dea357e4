"""The catalogues in `locale/`: one per language, as text (.po) and compiled (.mo)."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import to_locale

from catalogs.extraction import ROOT

FOLDER = ROOT / "locale"
HEAD = "# Written by `make messages`; only the translations are to be edited."
HEADERS = {
    "project": "Parley",
    "version": "1",
    "msgid_bugs_address": "",
    "last_translator": "",
    "language_team": "",
}


def locales() -> list[str]:
    """All but that of the source."""
    return [to_locale(code) for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def po_file(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / "django.po"


def read(locale: str) -> Catalog:
    path = po_file(locale)
    if not path.exists():
        return Catalog(locale, header_comment=HEAD, fuzzy=False, **HEADERS)
    with path.open("rb") as file:
        return read_po(file, locale)


def write(catalog: Catalog, locale: str) -> None:
    path = po_file(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = BytesIO()
    write_po(text, catalog, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True)
    path.write_bytes(text.getvalue())
    path.with_suffix(".mo").write_bytes(compiled(catalog))


def compiled(catalog: Catalog) -> bytes:
    """What the .mo file holds."""
    binary = BytesIO()
    write_mo(binary, catalog)
    return binary.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """In the source's words."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalog
        if message.id and not all(texts(message.string))
    ]


def texts(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """One, or one of each plural form."""
    return [string or ""] if string is None or isinstance(string, str) else list(string)
