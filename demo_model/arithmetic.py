# ruff: noqa: E501 (a template reads best on one line)
"""Sums, products and little word problems, with every digit a token of its own."""

from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import expand, pick
from demo_model.words import FIRST_NAMES, NUMBER_WORDS

SIGNS = {
    "+": ["+", "+", "plus"],
    "-": ["-", "-", "minus"],
    "*": ["*", "x", "times", "×"],
    "/": ["/", "/", "divided by", "÷", ":"],
}
SHOWN_SIGN = {"+": "+", "-": "−", "*": "×", "/": "÷"}


def small_sum(rng: Random) -> tuple[int, str, int, int]:
    sign = rng.choices("+-*/", weights=[5, 4, 4, 1.5])[0]
    if sign in "*/":
        first, second = rng.randint(0, 10), rng.randint(1 if sign == "/" else 0, 10)
        return (
            (first, sign, second, first * second)
            if sign == "*"
            else (first * second, sign, second, first)
        )
    largest = rng.choice([10, 10, 12, 20])
    first, second = rng.randint(0, largest), rng.randint(0, largest)
    if sign == "-" and second > first and rng.random() < 0.9:
        first, second = second, first
    return first, sign, second, first + second if sign == "+" else first - second


def arithmetic(rng: Random, speaker: Speaker) -> Turn:
    if rng.random() < 0.1:
        return word_problem(rng, speaker)
    first, sign, second, result = small_sum(rng)
    written = rng.choice(SIGNS[sign])
    space = " " if (written.isalpha() and written != "x") or rng.random() < 0.7 else ""
    left, right = str(first), str(second)
    if max(first, second) <= 12 and rng.random() < 0.15:
        left, right, space = NUMBER_WORDS[first], NUMBER_WORDS[second], " "
        written = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}[sign]
    term = f"{left}{space}{written}{space}{right}".replace("divided by", " divided by ").replace(
        "  ", " "
    )
    return Turn(
        speaker.types(rng, _sum_question(rng, term, left, sign, right), copied=term),
        [_equation(first, sign, second, result)],
    )


def _sum_question(rng: Random, term: str, left: str, sign: str, right: str) -> str:
    worded = {
        "+": f"(what is the sum of|add|add up|what do you get if you add|the sum of|what do I get if I add|sum) {left} (and|to|with) {right}",
        "-": f"(what is|take|subtract|compute)( the difference of| ) {left} (minus|take away|less) {right}",
        "*": f"(multiply|what is the product of|what do you get when you multiply) {left} (by|and|with) {right}",
        "/": f"(divide|what do you get when you divide) {left} by {right}",
    }
    return pick(
        rng,
        [
            f"(what is|what's|whats|calculate|compute|how much is|solve|work out|tell me|what does|quick, what's|do you know|can you compute|can you calculate|please compute|how much does|find|evaluate|tell me what|and|what about|how about|ok, what is|please calculate|do the sum) {term}(| make| equal| is)",
            term, term + " =", term + " = ?",
            f"(what is the result of|the answer to|I need|result of|the value of) {term}",
            worded[sign],
        ],
    )  # fmt: skip


def _equation(first: int, sign: str, second: int, result: int) -> str:
    shown = f"−{-result}" if result < 0 else str(result)
    return f"{first} {SHOWN_SIGN[sign]} {second} = **{shown}**"


def word_problem(rng: Random, speaker: Speaker) -> Turn:
    name = rng.choice([rng.choice(FIRST_NAMES), "I"])
    has = "have" if name == "I" else "has"
    does = "do I" if name == "I" else f"does {name}"
    thing = rng.choice(
        [
            "apples",
            "books",
            "coins",
            "eggs",
            "pencils",
            "stones",
            "cakes",
            "cards",
            "cookies",
            "marbles",
        ]
    )
    first, second = sorted((rng.randint(0, 20), rng.randint(1, 20)), reverse=True)
    if rng.random() < 0.5:
        story = (
            f"(get|find|buy|receive) {second} more. How many {thing} {does} have( now| in total|)?"
        )
        return Turn(
            f"{name} {has} {first} {thing} and " + expand(rng, story),
            [_equation(first, "+", second, first + second)],
        )
    story = (
        f"(lose|eat|sell|give away|drop) {second}. How many {thing} (are left|{does} have left)?"
    )
    return Turn(
        f"{name} {has} {first} {thing} and " + expand(rng, story),
        [_equation(first, "-", second, first - second)],
    )
