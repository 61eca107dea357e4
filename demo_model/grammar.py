"""Templates with alternatives, invented words, and the slips of people who type in a hurry.

The template ``"(how|where) do I (rename|retitle) a chat( please|)"`` has eight expansions.
"""

import re
from random import Random

from demo_model.words import split

INNERMOST_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")

ONSETS = split("""
    b br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p pl pr qu r s sc sh sk sl sm sn sp st
    str t th tr v w y z""")
NUCLEI = split("a e i o u a e i o u ai ea ee ie oo ou")
CODAS = ["", "", "", "", *split("n r l s t m k x nd rt st ck ng sh th p d b ll ss")]
ENDINGS = ["", "", "", "", "", *split("ia us ology ing er ism ation ite o ium y")]

KEYBOARD_ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]

OPENINGS = [
    "hey, ",
    "hi, ",
    "hello, ",
    "ok, ",
    "so ",
    "well, ",
    "please ",
    "um, ",
    "thanks. ",
    "and ",
]
CLOSINGS = [" please", ", please", " thanks", ", thank you", " pls", " in short", " for me", " now"]


def expand(rng: Random, template: str) -> str:
    """Replace each "(a|b|c)" by one of its alternatives, innermost first."""
    while match := INNERMOST_CHOICE.search(template):
        choice = rng.choice(match[1].split("|"))
        template = template[: match.start()] + choice + template[match.end() :]
    return re.sub(r" {2,}", " ", template).strip()


def pick(rng: Random, templates: list[str]) -> str:
    return expand(rng, rng.choice(templates))


def invented_word(rng: Random, syllables: int | None = None) -> str:
    """A pronounceable word that no other dialogue holds: only copying can get it right."""
    count = syllables or rng.choice([1, 2, 2, 2, 3])
    parts = []
    for index in range(count):
        closed = index == count - 1 or rng.random() < 0.35
        parts.append(
            rng.choice(ONSETS) + rng.choice(NUCLEI) + (rng.choice(CODAS) if closed else "")
        )
    return "".join(parts) + rng.choice(ENDINGS)


def invented_name(rng: Random) -> str:
    return invented_word(rng, rng.choice([1, 2, 2, 3])).capitalize()


def with_article(noun: str) -> str:
    return ("an " if noun[0].lower() in "aeiou" else "a ") + noun


def capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def misspell(rng: Random, word: str) -> str:
    """One slip of the fingers: a letter lost, doubled, swapped with its neighbour or hit beside."""
    if len(word) < 4 or not word.isalpha():
        return word
    at = rng.randrange(1, len(word) - 1)
    match rng.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at] + word[at:]
        case 2:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            beside = _beside(rng, word[at])
            return word[:at] + beside + word[at + 1 :]


def _beside(rng: Random, letter: str) -> str:
    """A letter beside this one on the keyboard."""
    row = next((row for row in KEYBOARD_ROWS if letter in row), letter)
    at = row.find(letter) + rng.choice([-1, 1])
    return row[at % len(row)]


def mistype(rng: Random, text: str, keep: frozenset[str] = frozenset()) -> str:
    """Misspell one or two words, but none of those that an answer has to copy."""
    words = text.split(" ")
    for _ in range(rng.choice([1, 1, 2])):
        at = rng.randrange(len(words))
        if words[at] not in keep:
            words[at] = misspell(rng, words[at])
    return " ".join(words)


def chop(rng: Random, text: str) -> str:
    """Leave out the small words, as in a search box."""
    small = {"a", "an", "the", "do", "does", "is", "are", "to", "my", "of"}
    words = [word for word in text.split(" ") if word.lower() not in small or rng.random() < 0.3]
    return " ".join(words) or text


def plural(noun: str) -> str:
    if noun.endswith(("s", "bits")):
        return noun
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def top_level_choices(template: str) -> list[str]:
    """Split a template at the bars that stand outside of all brackets."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(template):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "|" and depth == 0:
            parts.append(template[start:index])
            start = index + 1
    return [*parts, template[start:]]
