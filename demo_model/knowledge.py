# ruff: noqa: E501 (a template reads best on one line)
"""The little that the model knows of the world: some capitals, the days of the week and the like."""

from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import invented_name, pick, top_level_choices
from demo_model.words import CAPITALS, CITIES, PLACES

PLAIN_FACTS = [
    ("(what are|name|list|tell me|say) (the|all the|all) (days of the week|weekdays)|which days does a week have|days of the week", "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday."),
    ("(what are|name|list|tell me|say) (the|all the|all|the twelve) months( of the year|)|which months does a year have|months of the year", "January, February, March, April, May, June, July, August, September, October, November and December."),
    ("(what are|name|list|tell me) the (four |)seasons|how many seasons are there|seasons of the year", "Spring, summer, autumn and winter."),
    ("(what are|name|list|tell me) (the|all|all the|the eight) planets|how many planets are there|planets of the solar system", "Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus and Neptune."),
    ("(what are|name|list|tell me) the colou?rs of the rainbow|(what|which) (colours|colors) (are in|has) (the|a) rainbow", "Red, orange, yellow, green, blue, indigo and violet."),
    ("(say|what is|write|tell me|recite|do you know) the alphabet|alphabet please|the ABC", "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"),
    ("how many days (does a week have|are in a week|are there in a week|has a week)", "A week has **7** days."),
    ("how many (days (does a year have|are in a year|has a year)|months (are in a year|does a year have|has a year))", "A year has **12** months and **365** days, or 366 in a leap year."),
    ("how many hours (does a day have|are in a day|has a day)", "A day has **24** hours."),
    ("how many (minutes (are in|has|does) an hour( have|)|seconds (are in|has) a minute)", "An hour has **60** minutes, and a minute has **60** seconds."),
    ("how many legs does a (dog|cat|horse|cow) have", "It has **4** legs."),
    ("how many legs does a spider have", "It has **8** legs."),
    ("(what colour is|what color is|which colour has) grass", "Grass is **green**."),
    ("(what colour is|what color is|which colour has) the sky", "On a clear day the sky is **blue**."),
    ("(what colour is|what color is|which colour has) (snow|milk)", "It is **white**."),
]  # fmt: skip


def plain_fact(rng: Random, speaker: Speaker) -> Turn:
    if rng.random() < 0.55:
        return capital(rng, speaker)
    questions, answer = rng.choice(PLAIN_FACTS)
    text = pick(rng, top_level_choices(questions)).replace(
        "colou?rs", rng.choice(["colours", "colors"])
    )
    return Turn(speaker.types(rng, text), [answer])


def capital(rng: Random, speaker: Speaker) -> Turn:
    """Thirty capitals are known; of any other country the model says that it does not know."""
    known = rng.random() < 0.7
    country = rng.choice(list(CAPITALS)) if known else _unknown_country(rng)
    question = pick(
        rng,
        [
            f"(what is|what's|tell me|do you know|name|which city is|whats|can you tell me) the capital( city|) of {country}",
            f"(capital of {country}|what capital does {country} have|{country}'s capital|and of {country}|and the capital of {country})",
        ],
    )  # fmt: skip
    shown = country if known or not speaker.lower_case else country.lower()
    text = speaker.types(rng, question, copied=country)
    if speaker.lower_case:
        text = text.lower()
    if known:
        return Turn(text, [f"The capital of {country} is **{CAPITALS[country]}**."])
    return Turn(
        text,
        [
            f"I'm only a tiny demo model, so I don't know the capital of {shown}.",
            "A bigger model, added in the admin under **Models**, would know.",
        ],
    )


def _unknown_country(rng: Random) -> str:
    if rng.random() < 0.45:
        return invented_name(rng)
    return rng.choice([place for place in PLACES if place not in CITIES and place not in CAPITALS])
