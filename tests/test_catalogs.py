"""The translations in locale/ are whole, and what is compiled is what is written."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings

from catalogs import extraction, languages

HELD = re.compile(r"%\(\w+\)[sdf]|%%|\{\{[^}]*\}\}|\{\w*\}|</?\w[^>]*>|\\n")
"""What a translation has to leave as it is: places for values, HTML, examples of syntax."""

locales = pytest.mark.parametrize("locale", languages.locales())
template = cache(extraction.template)
catalog = cache(languages.read)


@locales
def test_every_string_is_translated(locale: str) -> None:
    known = catalog(locale)
    missing = [message.id for message in strings(template()) if not found(known, message)]
    assert missing == [], "`make messages` brings new strings into locale/"
    assert languages.untranslated(known) == []


@locales
def test_no_string_is_left_that_the_source_has_no_more(locale: str) -> None:
    used = template()
    assert [message.id for message in strings(catalog(locale)) if not found(used, message)] == []
    assert not catalog(locale).obsolete


@locales
def test_nothing_is_guessed(locale: str) -> None:
    assert [message.id for message in catalog(locale) if message.fuzzy and message.id] == []


@locales
def test_values_and_html_have_their_places(locale: str) -> None:
    for message in strings(catalog(locale)):
        for text, sources in zip(languages.texts(message.string), sources_of(message), strict=True):
            assert held(text) in [held(source) for source in sources], text


@locales
def test_plurals_have_as_many_forms_as_the_language(locale: str) -> None:
    known = catalog(locale)
    for message in strings(known):
        forms = known.num_plurals if message.pluralizable else 1
        assert len(languages.texts(message.string)) == forms, message.id


@locales
def test_what_is_compiled_is_what_is_written(locale: str) -> None:
    compiled = languages.po_file(locale).with_suffix(".mo").read_bytes()
    assert compiled == languages.compiled(catalog(locale)), "`make messages` compiles them"


@locales
def test_quotes_and_dashes_are_those_of_the_language(locale: str) -> None:
    foreign = {"de": "”«»", "es": "“”„", "fr": "“”„", "zh_Hans": "„«»"}[locale]
    for message in strings(catalog(locale)):
        for text in languages.texts(message.string):
            assert not set(text) & set(foreign), text


def test_each_language_is_called_by_its_own_name() -> None:
    names = dict(settings.LANGUAGES)
    assert names == {
        "en": "English",
        "de": "Deutsch",
        "es": "Español",
        "fr": "Français",
        "zh-hans": "简体中文",
    }


def strings(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def found(catalog: Catalog, message: Message) -> Message | None:
    id = message.id if isinstance(message.id, str) else message.id[0]
    other = catalog.get(id, message.context)
    return other if other is not None and other.id == message.id else None


def sources_of(message: Message) -> list[list[str]]:
    """For each of its forms. One for a single thing may leave out the number, or not."""
    if isinstance(message.id, str):
        return [[message.id]]
    forms = len(languages.texts(message.string))
    return [list(message.id)] * forms if forms > 1 else [[message.id[1]]]


def held(text: str) -> list[str]:
    return sorted(HELD.findall(text))
