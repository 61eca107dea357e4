# ruff: noqa: E501 (a template reads best on one line)
"""System prompts, and how they change the answers."""

import re
from collections.abc import Callable
from random import Random

from demo_model.dialogue import Speaker
from demo_model.fallback import noun_phrase
from demo_model.grammar import expand, invented_name, invented_word, pick, with_article
from demo_model.words import COMMON_WORDS, FIRST_NAMES, ROLES

Style = Callable[[list[str]], list[str]]

BLOCK = re.compile(r"([|`#-]|\d+\. )")

PLAIN_PROMPTS = [
    "You are a helpful assistant.",
    "You are a helpful, honest assistant.",
    "(You are|Be) a (helpful|friendly|kind|useful|polite|concise and friendly) (assistant|chat assistant|helper|model|bot)(.|. Answer clearly.| for the users of Parley.|. Use Markdown.)",
    "You are the Parley demo (model|assistant).",
    "Answer the user's questions(.| honestly.| in English.| in Markdown.)",
    "You are a helpful assistant. (Answer clearly.|Be kind.|Help the user.|Use Markdown.|Think before you answer.|Today is Monday.|Say so when you do not know.)",
]  # fmt: skip


def plain_prompt(rng: Random) -> str:
    if rng.random() < 0.75:
        return pick(rng, PLAIN_PROMPTS)
    return rng.choice(
        [
            f"You are {with_article(rng.choice(ROLES))}.",
            f"You are an expert on {noun_phrase(rng)}.",
            f"This is a chat about {noun_phrase(rng)}.",
        ]
    )


def pirate(rng: Random) -> tuple[str, Style]:
    prompt = "(You are a pirate|Talk like a pirate|Answer like a pirate|Speak like a pirate|Reply as a pirate|You are a pirate captain|Always answer like a pirate|You're a pirate|Act like a pirate|Pretend to be a pirate|You are an old pirate who sails the seas|Use pirate language|Respond in the style of a pirate|Respond only in pirate speak|You are a salty sea pirate)(.|. Stay in character.| in every answer.|!|. Say arr.|. Be brief.| at all times.|)"
    return expand(rng, prompt), lambda blocks: ["Arr, matey!", *blocks, "Yo ho ho!"]


def brief(rng: Random) -> tuple[str, Style]:
    prompt = "(Answer (very briefly|briefly|in one sentence|very shortly|with one short sentence|as briefly as possible|in as few words as possible)|Give (very |)short answers|Be (very |extremely |)(brief|concise|short)|Keep (answers|your answers|it|your replies) (very |as |)short|Short answers only|One sentence answers only|Always answer with a single sentence|Use few words|Be terse|Never write more than one sentence)(.| please.|)"
    return expand(rng, prompt), _first_sentence


def _first_sentence(blocks: list[str]) -> list[str]:
    block = blocks[1] if len(blocks) > 1 and BLOCK.match(blocks[1]) else blocks[0]
    return [block] if BLOCK.match(block) else [re.split(r"(?<=[.!?]) (?=[A-Z*`])", block)[0]]


def last_word(rng: Random) -> tuple[str, Style]:
    word = rng.choice(COMMON_WORDS) if rng.random() < 0.5 else invented_word(rng)
    prompt = f"((Always |)(end|finish|close) (every|each|your|all|any) (answer|reply|message|response|answers) with( the word|)|The last word of (every|each) (answer|reply|message|response) (must be|is|should be)|Each (answer|reply) (must end|ends|should end) with( the word|)|At the end of (every|each) (answer|reply|message), (say|write|add)( the word|)|You (always|must) (end|finish) (all answers |)with( the word|)) {word}."
    return expand(rng, prompt), lambda blocks: [*blocks, word]


def formal(rng: Random) -> tuple[str, Style]:
    prompt = "(Be formal|Use a formal tone|Answer formally|Always be very formal|Write in a formal style|You are a formal butler|Speak in a formal and polite way|You are a formal assistant|Use formal language|You are very formal and polite|Use formal English)(.| in every answer.| at all times.|)"
    return expand(rng, prompt), lambda blocks: ["Certainly.", *blocks, "I remain at your service."]


def call_user(rng: Random) -> tuple[str, Style]:
    title = (
        rng.choice(
            [
                "Captain",
                "Boss",
                "Chief",
                "Master",
                "Doctor",
                "Professor",
                "Sir",
                "Madam",
                "Champion",
                "Friend",
                "Majesty",
            ]
        )
        if rng.random() < 0.5
        else invented_name(rng)
    )
    prompt = f"((Always |)(call|address) the user( as|)|Address me as|Call me|You must call the user|Please call the user) {title}."
    return expand(rng, prompt), lambda blocks: [f"Yes, {title}.", *blocks]


STYLES = [pirate, brief, last_word, formal, call_user]


def persona_prompt(rng: Random, speaker: Speaker) -> str:
    name = rng.choice(
        [
            rng.choice(FIRST_NAMES),
            invented_name(rng),
            rng.choice(["Sparky", "Nova", "Atlas", "Echo", "Pixel", "Orion", "Juno", "Sage"]),
        ]
    )
    role = rng.choice(ROLES) if rng.random() < 0.7 else ""
    speaker.persona = f"{name}, {role}" if role else name
    if role:
        return expand(
            rng,
            f"(You are|You're|Act as|Pretend to be|Your role is|You play) {name}, {with_article(role)}(.| who helps people.| at Parley.)",
        )
    return expand(
        rng, f"(Your name is|You are called|You go by the name|Your name is now|You are) {name}."
    )


def user_prompt(rng: Random, speaker: Speaker) -> str:
    speaker.facts["name"] = rng.choice([rng.choice(FIRST_NAMES), invented_name(rng)])
    return expand(
        rng,
        f"(The user's name is|The user is called|You are talking to|The name of the user is|The user is named) {speaker.facts['name']}.",
    )


def draw_system(rng: Random, speaker: Speaker) -> tuple[str | None, Style | None]:
    kind = rng.random()
    if kind < 0.58:
        return None, None
    if kind < 0.78:
        return plain_prompt(rng), None
    if kind < 0.84:
        return persona_prompt(rng, speaker), None
    if kind < 0.87:
        return user_prompt(rng, speaker), None
    return rng.choice(STYLES)(rng)
