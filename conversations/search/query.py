"""What people type to find something: words, of which the last may be incomplete, "phrases in
quotes", and -words or -"phrases" that must not be there. Everything else is ignored."""

import re
from dataclasses import dataclass

from conversations.search.words import is_sign, words

LONGEST = 200
MOST_TERMS = 12

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_PIECE = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


@dataclass(frozen=True)
class Term:
    words: tuple[str, ...]
    """One, or several that follow each other."""
    is_open: bool = False
    """Its last word may go on."""


@dataclass(frozen=True)
class Query:
    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()

    @property
    def is_too_short(self) -> bool:
        """A single letter says next to nothing; a single Chinese sign may be a word."""
        said = [word for term in self.terms for word in term.words]
        return not any(len(word) > 1 or is_sign(word) for word in said)


def parse(text: str) -> Query:
    """Any text is a query; what goes beyond the limits is cut off."""
    text = text[:LONGEST].translate(_QUOTES)
    terms: list[Term] = []
    excluded: list[Term] = []
    for piece in list(_PIECE.finditer(text))[:MOST_TERMS]:
        minus, quoted, bare = piece.groups()
        found = tuple(words(bare if quoted is None else quoted))
        is_last = piece.end() == len(text)
        if found and minus:
            excluded.append(Term(found))
        elif found:
            terms.append(Term(found, is_open=is_last and quoted is None))
    return Query(tuple(terms), tuple(excluded))
