"""What was found, in its surroundings, as safe HTML with the words marked."""

import re
import unicodedata
from collections.abc import Iterator

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from conversations.search.query import Query, Term
from conversations.search.words import PARTING, SIGNS, is_sign

AROUND = 70
"""Characters before the first word that is marked."""
LENGTH = 240
_LETTER = rf"[^{PARTING}{SIGNS}]"
_MARKUP = re.compile(r"\*\*|`+|^ {0,3}(?:#{1,6}|[>*+-]) ", re.MULTILINE)
_BLANKS = re.compile(r"\s+")


class _Folding(dict[int, int]):
    """From a sign to its basic form, always one for one, so that places stay what they are."""

    def __missing__(self, code: int) -> int:
        kept = [sign for sign in unicodedata.normalize("NFKD", chr(code).lower()) if _is_base(sign)]
        self[code] = folded = ord(kept[0]) if len(kept) == 1 else code
        return folded


def _is_base(sign: str) -> bool:
    return not unicodedata.combining(sign)


_folding = _Folding()


class Marker:
    """Finds a query's words in texts as the index did."""

    def __init__(self, query: Query) -> None:
        terms = sorted(query.terms, key=lambda term: -len(term.words))
        self._terms = re.compile("|".join(map(_pattern, terms)) or r"(?!)")

    def marked(self, text: str) -> SafeString:
        """The whole text."""
        return self._mark(text, 0, len(text))

    def snippet(self, text: str) -> SafeString:
        """The stretch of it around the first word that was found, in one line."""
        said = _MARKUP.sub("", unicodedata.normalize("NFC", text))
        text = _BLANKS.sub(" ", said).strip()
        found = self._terms.search(text.translate(_folding))
        start = _beginning(text, found.start() - AROUND if found else 0)
        end = start + LENGTH
        before = "… " if start else ""
        after = "…" if end < len(text) else ""
        return format_html("{}{}{}", before, self._mark(text, start, end), after)

    def _mark(self, text: str, start: int, end: int) -> SafeString:
        return mark_safe("".join(self._parts(text[start:end])))  # noqa: S308 (of escaped parts)

    def _parts(self, text: str) -> Iterator[str]:
        at = 0
        for found in self._terms.finditer(text.translate(_folding)):
            yield conditional_escape(text[at : found.start()])
            yield format_html("<mark>{}</mark>", text[found.start() : found.end()])
            at = found.end()
        yield conditional_escape(text[at:])


def _beginning(text: str, at: int) -> int:
    """Of the next word, or the text."""
    if at <= 0:
        return 0
    blank = text.find(" ", at, at + AROUND // 2)
    return blank + 1 if blank >= 0 else at


def _pattern(term: Term) -> str:
    folded = [re.escape(word.translate(_folding)) for word in term.words]
    before = "" if is_sign(term.words[0]) else rf"(?<!{_LETTER})"
    after = rf"{_LETTER}*" if term.is_open else rf"(?!{_LETTER})"
    if is_sign(term.words[-1]):
        after = ""
    return before + rf"[{PARTING}]*".join(folded) + after
