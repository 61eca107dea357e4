"""How a text is taken apart into words, for the index and for what is looked for alike.

Chinese, Japanese and Korean are written without spaces between all words, so each of their signs
is a word of its own: what is looked for is then found anywhere in them, as a phrase. Case and
diacritics are left to the databases. Which signs part words is fixed here, and not by the version
of Unicode that Python has, as SQLite's index is told what to forget by the same words again.
"""

import re
import unicodedata
from uuid import UUID

LONGEST_WORD = 64
"""What is longer, such as encoded files, counts up to there."""

PARTING = (
    r"\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7"
    r"\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3030\u303d-\u303f"
    r"\ud800-\uf8ff\ufe00-\ufe6f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff"
    r"\U0001f000-\U0001faff\U000e0000-\U0010ffff"
)
"""Punctuation, symbols, emoji and private signs, as in a regular expression's brackets."""
SIGNS = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3031-\u303c\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Those that are words by themselves: Han, kana, bopomofo, hangul."""

_WORD = re.compile(rf"[{SIGNS}]|[^{PARTING}{SIGNS}]+")
_SIGN = re.compile(rf"[{SIGNS}]")


def words(text: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in _WORD.findall(unicodedata.normalize("NFKC", text))]


def is_sign(word: str) -> bool:
    return _SIGN.fullmatch(word) is not None


def space_of_user(user_id: int) -> str:
    """What each word of somebody's conversations begins with in the index, so that looking for a
    word costs as much as they have written, not as much as everybody has."""
    return f"u{user_id}x"


def space_of_project(project_id: UUID) -> str:
    """The same for conversations in a project. Two of a billion may share one: who may read what
    is another question, see conversations.search.finding."""
    return f"p{project_id.hex[:12]}x"


def spaced(space: str, text: str) -> str:
    """The words of a text in that space, parted by single blanks."""
    found = words(text)
    return space + f" {space}".join(found) if found else ""
