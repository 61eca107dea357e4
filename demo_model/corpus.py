"""An endless, seeded stream of dialogues.

    python -m demo_model.corpus --seed 1 --count 10

prints some of them as ChatML.
"""

import argparse
import re
from collections.abc import Iterator
from itertools import islice, pairwise
from random import Random

from demo_model import (
    arithmetic,
    concepts,
    copying,
    facts,
    fallback,
    knowledge,
    lists,
    longform,
    memory,
    smalltalk,
    snippets,
)
from demo_model.dialogue import ChatMessage, Skill, Speaker, render
from demo_model.systems import BLOCK, draw_system

WEIGHTED_SKILLS: list[tuple[Skill, float]] = [
    (facts.parley_question, 24),
    (facts.unknown_feature, 4),
    (concepts.concept, 8),
    (smalltalk.first_words, 6),
    (smalltalk.small_talk, 16),
    (smalltalk.identity, 5),
    (fallback.out_of_domain, 18),
    (arithmetic.arithmetic, 9),
    (lists.topic_list, 4.5),
    (lists.table, 2.5),
    (snippets.code, 3),
    (snippets.any_code, 0.5),
    (knowledge.plain_fact, 4),
    (copying.repeat_words, 4),
    (copying.list_given_items, 3.5),
    (copying.reverse_items, 1.5),
    (copying.count_or_pick, 1.5),
    (longform.story, 3),
    (longform.long_story, 3),
    (longform.poem, 1),
    (longform.count, 0.7),
    (longform.long_text, 1),
]
# Sums come often enough only when some dialogues hold nothing else.
SUMS_SHARE = 0.12
COPYING_SKILLS: list[tuple[Skill, float]] = [
    (copying.repeat_words, 4),
    (copying.list_given_items, 3),
    (copying.reverse_items, 1),
    (copying.count_or_pick, 1),
    (memory.tell, 3),
    (fallback.out_of_domain, 1),
]


def dialogues(seed: int, copying_share: float = 0.0) -> Iterator[list[ChatMessage]]:
    """Dialogues without end. `copying_share` of them only practise to copy words."""
    rng = Random(seed)
    while True:
        kind = rng.random()
        if kind < copying_share:
            yield dialogue(rng, COPYING_SKILLS)
        elif kind > 1 - SUMS_SHARE:
            yield dialogue(rng, [(arithmetic.arithmetic, 1)], rng.randint(4, 8))
        else:
            yield dialogue(rng, WEIGHTED_SKILLS)


def dialogue(
    rng: Random, weighted: list[tuple[Skill, float]], turns: int | None = None
) -> list[ChatMessage]:
    speaker = Speaker.draw(rng)
    system, style = draw_system(rng, speaker)
    messages: list[ChatMessage] = [{"role": "system", "content": system}] if system else []
    for skill in _plan(rng, speaker, weighted, turns):
        turn = skill(rng, speaker)
        blocks = style(turn.answer) if style else turn.answer
        messages.append({"role": "user", "content": turn.question})
        messages.append({"role": "assistant", "content": join_blocks(blocks)})
    return messages


def join_blocks(blocks: list[str]) -> str:
    """Markdown: an empty line around lists, tables and code, and between long paragraphs."""
    text, long = blocks[0], len(blocks) > 4
    for before, block in pairwise(blocks):
        apart = long or BLOCK.match(before) or BLOCK.match(block) or re.search(r"\n", before)
        text += ("\n\n" if apart else " ") + block
    return text


def _plan(
    rng: Random, speaker: Speaker, weighted: list[tuple[Skill, float]], turns: int | None
) -> list[Skill]:
    """The skills of a dialogue's turns, such that what is told is often asked for later."""
    skills_, weights = zip(*weighted, strict=True)
    if turns:
        return list(rng.choices(skills_, weights=weights, k=turns))
    turns = rng.choices([1, 2, 3, 4, 6, 9], weights=[38, 25, 18, 11, 6, 2])[0]
    plan: list[Skill] = list(rng.choices(skills_, weights=weights, k=turns))
    if turns > 1 and rng.random() < 0.5:
        told = rng.randrange(turns - 1)
        plan[told], plan[rng.randrange(told + 1, turns)] = memory.tell, memory.ask
        if turns > 3 and rng.random() < 0.5:
            plan[rng.randrange(turns)] = rng.choice([memory.tell, memory.ask])
    elif speaker.facts or rng.random() < 0.03:
        plan[-1] = memory.ask
    elif speaker.persona:
        plan[rng.randrange(turns)] = rng.choice(
            [smalltalk.identity, smalltalk.identity, smalltalk.small_talk]
        )
    return plan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=10)
    arguments = parser.parse_args()
    for messages in islice(dialogues(arguments.seed), arguments.count):
        print(render(messages))


if __name__ == "__main__":
    main()
