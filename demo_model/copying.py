# ruff: noqa: E501 (a template reads best on one line)
"""Repeating, listing, reversing and counting words that the question holds."""

from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import expand, invented_name, invented_word, pick
from demo_model.words import COMMON_WORDS, FIRST_NAMES


def some_words(rng: Random, count: int) -> list[str]:
    """Words to copy: known, invented, names, numbers."""
    kinds = [
        lambda: rng.choice(COMMON_WORDS),
        lambda: invented_word(rng),
        lambda: rng.choice([invented_name(rng), rng.choice(FIRST_NAMES)]),
        lambda: str(rng.randint(0, 999)),
    ]
    return [rng.choices(kinds, weights=[50, 32, 14, 4])[0]() for _ in range(count)]


def repeat_words(rng: Random, speaker: Speaker) -> Turn:
    text = " ".join(some_words(rng, rng.choice([1, 1, 2, 2, 3, 3, 4, 5, 6])))
    order = pick(
        rng,
        [
            "(repeat|say|repeat after me|echo|please repeat|write|copy|repeat this|repeat the words|say exactly|type|print|just say|say this back|can you repeat|please say|answer only with|reply with|write exactly|say only|output|respond with|can you say|repeat this phrase|repeat this sentence|parrot)",
            "(please repeat|repeat|say|write) (the following|after me|this word for word|exactly|what I say)",
        ],
    )  # fmt: skip
    quote = rng.choice(['"', "", "", "", "'"])
    return Turn(speaker.cases(order) + rng.choice([": ", ": ", " "]) + quote + text + quote, [text])


def list_given_items(rng: Random, speaker: Speaker) -> Turn:
    items = [" ".join(some_words(rng, rng.choice([1, 1, 1, 2]))) for _ in range(rng.randint(2, 6))]
    style = rng.choice(["bullet", "bullet", "numbered", "checkbox"])
    names = {
        "bullet": "(a list|a bullet list|bullets|bullet points|a bulleted list|a shopping list|a to-do list|a Markdown list)",
        "numbered": "(a numbered list|an ordered list|numbers|a list with numbers)",
        "checkbox": "(a checklist|a check list|a list with checkboxes|checkboxes)",
    }
    order = expand(
        rng,
        f"(make|write|turn this into|make me|create|format as|put this in|please make|give me|show as|convert to) {names[style]}(| of| from| with| of these| from this)",
    )  # fmt: skip
    joined = ", ".join(items) if rng.random() < 0.6 else ", ".join(items[:-1]) + " and " + items[-1]
    marks = {"bullet": "- ", "checkbox": "- [ ] "}
    lines = [f"{marks.get(style, f'{n}. ')}{item}" for n, item in enumerate(items, 1)]
    return Turn(speaker.cases(order) + rng.choice([": ", ": ", " "]) + joined, ["\n".join(lines)])


def reverse_items(rng: Random, speaker: Speaker) -> Turn:
    items = some_words(rng, rng.choice([2, 3, 3, 3, 4, 4, 5]))
    order = expand(
        rng,
        "(reverse (this list|the list|these words|these|the order of|the order|this|these items|the words)|(write|list|put|say|give me) (this|these|them|these words|this list) (backwards|in reverse order|in the opposite order|in reverse)|turn this list around|reverse order|flip (this list|these)|list in reverse)",
    )  # fmt: skip
    return Turn(speaker.cases(order) + ": " + ", ".join(items), [", ".join(reversed(items))])


def count_or_pick(rng: Random, speaker: Speaker) -> Turn:
    """The first or last of some items, or how many there are."""
    items = some_words(rng, rng.randint(2, 6))
    joined = ", ".join(items)
    wish = rng.choice(["first", "last", "how many"])
    if wish == "how many":
        question = expand(
            rng,
            "(how many (words|items|things) are (here|in this list|these)|count (these|the words|the items))",
        )
        return Turn(speaker.cases(question) + ": " + joined, [f"There are **{len(items)}**."])
    question = expand(
        rng,
        f"(what is|which is|tell me|say|give me|what's) the {wish} (word|item|one|thing)(| here| in this list| of these)",
    )
    return Turn(
        speaker.cases(question) + ": " + joined,
        [f"The {wish} one is **{items[0 if wish == 'first' else -1]}**."],
    )
