# ruff: noqa: E501 (a template reads best on one line)
"""Facts that the person tells, and later asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import capitalise, expand, invented_name, invented_word, pick, with_article
from demo_model.words import (
    CITIES,
    COLOURS,
    COMMON_WORDS,
    FIRST_NAMES,
    FOODS,
    JOBS,
    PET_NAMES,
    PETS,
)


def _one_of(
    known: list[str], invented: Callable[[Random], str], share: float
) -> Callable[[Random], str]:
    return lambda rng: invented(rng) if rng.random() < share else rng.choice(known)


@dataclass(frozen=True)
class Memory:
    """One kind of fact. In the texts, {v} is its value and {p} a kind of pet."""

    draw: Callable[[Random], str]
    tell: list[str]
    ask: list[str]
    noted: list[str]
    recalled: str
    unknown: str
    weight: float = 1.0


AGAIN = "( again|||)"
MEMORIES: dict[str, Memory] = {
    "name": Memory(
        _one_of(FIRST_NAMES, invented_name, 0.5),
        ["(my name is|I'm|I am|call me|you can call me|they call me|my name's|hi, I'm|hello, my name is|people call me|I go by|this is|hi my name is|hello, I am|hey, it's|please call me|hi there, I'm|im|remember that my name is|my friends call me) {v}", "{v} (here|is my name|is what they call me|here, hi|speaking)"],
        ["(what's|what is|whats|do you know|do you remember|can you tell me|tell me|say|what was|remember) my name" + AGAIN, "(who am I|what am I called|what did I say my name was|how am I called|do you know who I am|do you still know what I'm called|what do people call me|what did I tell you my name was|do you remember who I am|what should you call me)"],
        ["Nice to meet you, {v}! How can I help you?"], "Your name is **{v}**.", "your name", 6,
    ),
    "pet": Memory(
        _one_of(PET_NAMES, invented_name, 0.5),
        ["my {p}( is called|'s name is| is named| has the name) {v}", "(I have|I own|we have|there is|I've got) (a|one|a little|an old) {p} (called|named|with the name|who is called) {v}", "the name of (my|our) {p} is {v}", "I've got a {p}, (his|her|its) name is {v}", "{v} is (my|our) {p}"],
        ["(what's|what is|whats|do you know|do you remember|tell me|what was) (my {p}'s name|the name of my {p}|the {p}'s name|the name of our {p})" + AGAIN, "(what is|what's|how is) (my|our|the) {p} called", "(what do I call my {p}|who is my {p}|which name has my {p})"],
        ["{v} is a lovely name for a {p}!"], "Your {p} is called **{v}**.", "the name of your {p}", 4,
    ),
    "colour": Memory(
        _one_of(COLOURS, invented_word, 0.1),
        ["(my favourite colour is|my favorite color is|I like the colour|the colour I like best is|I love the colour|my favourite color is|the best colour is) {v}", "{v} is my (favourite|favorite) (colour|color)"],
        ["(what's|what is|do you know|do you remember|tell me|which is|and what is) my (favourite colour|favorite color)" + AGAIN, "(what|which) (colour|color) (do I (like|love|prefer)( best| most|)|is my favourite)"],
        ["Got it: you like **{v}**."], "Your favourite colour is **{v}**.", "your favourite colour", 3,
    ),
    "city": Memory(
        _one_of(CITIES, invented_name, 0.4),
        ["(I live in|I come from|my home is in|I'm from|my city is|I am living in|home for me is|I was born in|we live in|I'm living in|I am from) {v}"],
        ["where (do I live|is my home|am I from|do I come from|was I born)" + AGAIN, "(what's|what is|do you remember|tell me) my (city|home town|hometown|town)" + AGAIN, "(which|what) (city|town) (do I live in|am I from|is my home)"],
        ["I'll remember that you live in **{v}**."], "You live in **{v}**.", "where you live", 3,
    ),
    "food": Memory(
        _one_of(FOODS, invented_word, 0.2),
        ["(my favourite food is|my favorite food is|I love to eat|I love eating|the food I like best is|I like to eat|my favourite dish is) {v}", "{v} is my favourite (food|dish)"],
        ["(what's|what is|do you know|do you remember|tell me) my (favourite|favorite) (food|dish)" + AGAIN, "what (do I (like|love) to eat|food do I like( best|))"],
        ["Noted: you like **{v}**."], "Your favourite food is **{v}**.", "your favourite food", 2,
    ),
    "job": Memory(
        lambda rng: with_article(rng.choice(JOBS) if rng.random() < 0.85 else invented_word(rng)),
        ["(I work as|my job is|I am working as|I'm employed as|I earn my living as|I'm|I am|by trade I am) {v}"],
        ["(what's|what is|do you know|do you remember|tell me) my (job|profession|work|occupation)" + AGAIN, "what do I (do for a living|do for work|work as|do)"],
        ["I'll remember that you work as {v}."], "You work as **{v}**.", "your job", 2,
    ),
    "number": Memory(
        lambda rng: str(rng.randint(1, rng.choice([99, 99, 999, 9999]))),
        ["(my lucky number is|my number is|my favourite number is|remember the number|the number is|keep in mind the number|please remember the number|remember this number:|my room number is) {v}"],
        ["(what's|what is|do you know|do you remember|tell me|what was) (my lucky number|my number|my favourite number|the number)" + AGAIN, "(which|what) number (did I (say|tell you|give you)|was it|should you remember)"],
        ["I'll remember the number **{v}**."], "The number is **{v}**.", "the number", 2.5,
    ),
    "word": Memory(
        _one_of(COMMON_WORDS, invented_word, 0.5),
        ["(the secret word is|remember the word|my secret word is|the code word is|keep this word in mind:|please remember this word:|the magic word is|remember this word:|remember this:|please remember the word|the code is|today's word is) {v}"],
        ["(what's|what is|do you know|do you remember|tell me|what was) (the secret word|my secret word|the word|the code word|the magic word|the code|the secret)" + AGAIN, "(which|what) word (did I (say|tell you|give you)|was it|should you remember)"],
        ["I'll remember the word **{v}**."], "The word is **{v}**.", "the word", 3,
    ),
}  # fmt: skip


def tell(rng: Random, speaker: Speaker) -> Turn:
    kind = rng.choices(list(MEMORIES), weights=[memory.weight for memory in MEMORIES.values()])[0]
    memory, value, pet = MEMORIES[kind], MEMORIES[kind].draw(rng), rng.choice(PETS)
    if speaker.lower_case:
        value = value.lower()
    text = pick(rng, memory.tell).format(v=value, p=pet)
    text += rng.choice(
        [
            "",
            "",
            "",
            "",
            ", please remember that",
            ". Remember that",
            ", don't forget it",
            ". Keep that in mind",
        ]
    )
    reply = rng.choice(memory.noted).format(v=value, p=pet)
    if kind != "name" and "name" not in speaker.facts and rng.random() < 0.15:
        name = MEMORIES["name"].draw(rng)
        text = expand(rng, f"(my name is|I'm|I am|call me) {name} and") + " " + text
        speaker.facts["name"] = name
        reply = f"Nice to meet you, {name}! {reply}"
    speaker.facts[kind] = value
    if kind == "pet":
        speaker.facts["pet kind"] = pet
    return Turn(
        speaker.types(rng, text, ".", copied=f"{value} {speaker.facts.get('name', '')} {pet}"),
        [reply],
    )


def ask(rng: Random, speaker: Speaker) -> Turn:
    told = [kind for kind in MEMORIES if kind in speaker.facts]
    kind = rng.choice(told) if told and rng.random() < 0.85 else rng.choice(list(MEMORIES))
    memory = MEMORIES[kind]
    pet = speaker.facts.get("pet kind", rng.choice(PETS))
    question = speaker.types(rng, pick(rng, memory.ask).format(p=pet), copied=pet)
    if kind in speaker.facts:
        return Turn(question, [memory.recalled.format(v=speaker.facts[kind], p=pet)])
    return Turn(question, [capitalise(f"you haven't told me {memory.unknown.format(p=pet)} yet.")])
