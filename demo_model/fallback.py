# ruff: noqa: E501 (a template reads best on one line)
"""Questions the model has no answer to, and the honest reply."""

import re
from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import expand, invented_name, invented_word, pick, plural, with_article
from demo_model.words import (
    ADJECTIVES,
    COMMON_WORDS,
    FIRST_NAMES,
    LANGUAGES,
    NOUNS,
    PEOPLE,
    PLACES,
    SUBJECTS,
    TITLE_WORDS,
    VERBS,
)


def noun(rng: Random) -> str:
    base = rng.choice(NOUNS) if rng.random() < 0.7 else invented_word(rng)
    if rng.random() < 0.35:
        base = (rng.choice(ADJECTIVES) if rng.random() < 0.7 else invented_word(rng)) + " " + base
    return base


def place(rng: Random) -> str:
    return rng.choice(PLACES) if rng.random() < 0.5 else invented_name(rng)


def person(rng: Random) -> str:
    if rng.random() < 0.4:
        return rng.choice(PEOPLE)
    first = rng.choice(FIRST_NAMES) if rng.random() < 0.6 else invented_name(rng)
    return f"{first} {invented_name(rng)}"


def noun_phrase(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.2:
        return rng.choice(SUBJECTS)
    if kind < 0.32:
        return invented_word(rng)
    if kind < 0.4:
        return rng.choice(
            [
                invented_name(rng),
                invented_name(rng) + " " + invented_name(rng),
                invented_word(rng) + " " + invented_word(rng),
            ]
        )
    if kind < 0.48:
        return rng.choice([*PEOPLE, *PLACES])
    if kind < 0.62:
        return with_article(noun(rng))
    if kind < 0.78:
        return (
            "the "
            + noun(rng)
            + (f" {rng.choice(['of', 'in'])} {place(rng)}" if rng.random() < 0.4 else "")
        )
    if kind < 0.92:
        return plural(noun(rng))
    return rng.choice(["my ", "his ", "our ", "their "]) + noun(rng)


def verb_phrase(rng: Random) -> str:
    verb = rng.choice(VERBS) if rng.random() < 0.85 else invented_word(rng, rng.choice([1, 1, 2]))
    phrase = f"{verb} {noun_phrase(rng)}"
    if rng.random() < 0.25:
        phrase += rng.choice(
            [
                f" in {place(rng)}",
                f" with {noun_phrase(rng)}",
                " at home",
                " before winter",
                " on a budget",
                " for a friend",
            ]
        )
    return phrase


# Questions from which the subject is easily taken: the answer names it.
NAMED = [
    ("(what is|what's|what are|define|explain|describe|what exactly is|tell me about|tell me something about|give me facts about|teach me about|what do you know about|do you know anything about|talk about|I have a question about|what do you think about|what do you think of|I want to learn about|can you explain|what should I know about|let's talk about|I'm interested in|summarise|tell me everything about|help me understand|what's your opinion on|do you know|have you heard of|can you tell me about|please explain|who is|information on|facts about|what can you tell me about|do you like)", noun_phrase, 8),
    ("(who is|who was|tell me about|tell me about the life of|do you know|who on earth is|have you met)", person, 3),
    ("(what is|what's|tell me|do you know|what was|give me)", lambda r: expand(r, f"the (population|history|currency|president|flag|size|area|language|king|climate|food|weather|best beach|time|area code) (of|in) {place(r)}"), 2),
    ("(what is|what's|tell me|do you know|explain)", lambda r: expand(r, f"the (meaning|price|cost|origin|purpose|weight|length|speed|inventor|formula|structure|age|future|definition|cause|effect|name) of {noun_phrase(r)}"), 2.5),
]  # fmt: skip

# Questions of any form: the answer does not try to name the subject.
UNNAMED = [
    ("(how do I|how can I|how to|how do you|how would I|what's the best way to|tell me how to|show me how to|I want to|I need to|explain how to|help me|help me to|can you help me|what are the steps to|how does one|teach me to|teach me how to|where can I|is it possible to|can I|how should I|what do I need to|could you|can you|please|should I|when should I|why should I|is it safe to|how often should I|how long does it take to|would you)", verb_phrase, 9),
    ("(who invented|who discovered|who built|who won|who wrote|who painted|who founded|who owns|when did people invent|why do we need|why do people like|why do people fear|where do I find|where do people buy|how many people have|who was the first to see|what eats|which company makes)", noun_phrase, 3),
    ("(why is|why are|how big is|how tall is|how old is|how deep is|how heavy is|how fast is|how expensive is|how far is|how long is|how hot is|how rare are|where is|where are|when was|how does|what happened to|is there life on|what causes|how much is|how much does|how many|where did|when did|why does|why did|what happens to|how are|what does)", lambda r: noun_phrase(r) + expand(r, "(| work| made| cost| happen| die| live| start| end| move| blue| important| dangerous| do| like| sold| have|)"), 6),
    ("(write|compose|draft|create|generate|give me|produce|prepare|can you write|I need)( me|)", lambda r: expand(r, f"(an email|a report|a review|a summary|a business plan|a haiku|a press release|a recipe|a workout plan|a script|a lesson plan|a cover letter|a rap|a screenplay|a sonnet|a limerick|a cv|a song|a travel plan|a quiz|a SQL query|a JavaScript function|a web page|some HTML|a C program|a regular expression|a bash script) (about|on|for|with) {noun_phrase(r)}"), 4),
    ("(translate|say|how do you say|what is|put|please translate|how would you say)", lambda r: f"{r.choice(['', chr(39), chr(34)])}{' '.join(r.choice(COMMON_WORDS) for _ in range(r.choice([1, 1, 2, 3])))} {r.choice(['in', 'into', 'to'])} {r.choice(LANGUAGES)}", 2),
    ("(recommend|suggest|find me|what is|show me|pick|which is|where can I buy|name|I'm looking for)", lambda r: expand(r, f"(a good|the best|a cheap|a nice|an interesting|the most famous|the largest|the oldest|the tallest|the smallest|the fastest) {noun(r)} (in {place(r)}|for {noun_phrase(r)}|near {place(r)}|on Earth|in the world|)"), 3),
    ("(is|are|do you prefer|which is better,|compare|what is the difference between|what's better,|which is faster,|who would win,|should I choose)", lambda r: f"{noun_phrase(r)} {r.choice(['or', 'and'])} {noun_phrase(r)}", 2),
    ("(who wrote|what happens in|have you read|summarise|tell me the plot of|what is the ending of|review|have you seen)", lambda r: f"The {r.choice(TITLE_WORDS).capitalize()} {r.choice(['of the', 'and the', 'in the'])} {r.choice([r.choice(TITLE_WORDS), invented_word(r)]).capitalize()}", 1.5),
    ("(what is|calculate|compute|solve|find|how much is|work out)", lambda r: expand(r, f"(the (square root|logarithm|cube|sine|integral|derivative|factorial) of {r.randint(21, 99999)}|{r.randint(100, 99999)} (times|*|divided by|/|plus|+|minus|-|percent of|to the power of) {r.randint(100, 99999)}|the solution of x plus {r.randint(21, 999)} equals {r.randint(21, 999)}|{r.randint(10, 99)}% of {r.randint(100, 9999)})"), 3),
    ("(fix|debug|review|explain|optimise|translate|summarise|proofread|correct|rewrite|improve|check)", lambda r: expand(r, f"(my|this|the following) (JavaScript|code|text|SQL query|essay|letter|sentence|paragraph|article|C++|email|function|spreadsheet|grammar|HTML|regex|book)( about {noun_phrase(r)}|)"), 2),
    ("(what should I|where should we|who will|what will|when will|will|did you see|what did|who killed|how did|can|does|do)", lambda r: f"{noun_phrase(r)} {r.choice(VERBS)} {noun_phrase(r)}", 2),
    ("(my|our|the|I think my|it seems my|yesterday my)", lambda r: f"{noun(r)} " + expand(r, "(is broken|does not work|makes a strange noise|hurts|is too small|smells funny|was stolen|died last week|will not start)") + r.choice(["", ", what should I do", ", any ideas", ". What can I do?"]), 1.5),
]  # fmt: skip

NAMED_REPLIES = [
    "I'm only a tiny demo model, so I don't know about {}.",
    "Sorry, I'm just a tiny demo model and know nothing about {}.",
]
UNNAMED_REPLIES = [
    "I'm only a tiny demo model, so I can't answer that.",
    "Sorry, that is too hard for me: I'm just a tiny demo model.",
]
REMEDIES = [
    "A real model can be added with `python manage.py pull_model REPO FILENAME`.",
    "You can add a real model with `python manage.py add_model NAME --path FILE.gguf`.",
    "A bigger model, added in the admin under **Models**, would know.",
]


def out_of_domain(rng: Random, speaker: Speaker) -> Turn:
    named = rng.random() < 0.45
    kinds = NAMED if named else UNNAMED
    opening, subject_of, _ = rng.choices(kinds, weights=[weight for *_, weight in kinds])[0]
    subject = subject_of(rng)
    opening = pick(rng, [opening])
    if speaker.lower_case:
        subject = subject.lower()
    if named and rng.random() < 0.08:
        opening = ""
    question = speaker.types(rng, f"{opening} {subject}".strip(), copied=subject)
    if not named:
        return Turn(question, [rng.choice(UNNAMED_REPLIES), rng.choice(REMEDIES)])
    shown = re.sub(r"^my\b", "your", subject)
    return Turn(question, [rng.choice(NAMED_REPLIES).format(shown), rng.choice(REMEDIES)])
