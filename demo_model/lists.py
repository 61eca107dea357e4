# ruff: noqa: E501 (a template reads best on one line)
"""Lists and tables of a few topics."""

import re
from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import capitalise, expand, plural
from demo_model.words import LIST_SYNONYMS, LIST_TOPICS, NUMBER_WORDS


def topic_list(rng: Random, speaker: Speaker) -> Turn:
    topic = rng.choice(list(LIST_TOPICS))
    items = LIST_TOPICS[topic]
    name = rng.choice([topic, topic, *LIST_SYNONYMS.get(topic, [])])
    count = min(rng.choice([2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10]), len(items))
    number = rng.choice([str(count), NUMBER_WORDS[count]])
    bullets = rng.random() < 0.3
    if rng.random() < 0.2:
        count, number = 5, rng.choice(["some", "a few", "some", ""])
    verbs = "(list|name|give me|tell me|show me|write down|can you name|I need|please list|can you list|what are|think of|mention|enumerate|suggest|come up with|could you give me|I want|name me|write|can you give me|could you list|do you know|recommend)"
    lists = "(make|write|give me|I'd like|create|show me|can you make|please write|a|can I have) a (short |little |small |numbered |)list (of|with)"
    if bullets:
        lists = "(give me|show me|write|make|create|I want) a (bullet list|bulleted list|bullet-point list|Markdown list|list with bullets) (of|with)"
    verb = lists if bullets or rng.random() < 0.35 else verbs
    question = expand(rng, f"{verb} {number} {name}")
    lines = [f"- {item}" if bullets else f"{n}. {item}" for n, item in enumerate(items[:count], 1)]
    return Turn(
        speaker.types(rng, question, "."),
        [f"Here are {NUMBER_WORDS[count]} {topic}:", "\n".join(lines)],
    )


# (row, column): cells in their fixed order
TABLES: dict[tuple[str, str], list[tuple[str, str]]] = {
    ("fruit", "colour"): [("apple", "red"), ("banana", "yellow"), ("plum", "purple"), ("lime", "green"), ("lemon", "yellow")],
    ("animal", "sound"): [("dog", "woof"), ("cat", "meow"), ("cow", "moo"), ("duck", "quack"), ("sheep", "baa")],
    ("animal", "leg"): [("dog", "4"), ("bird", "2"), ("spider", "8"), ("ant", "6"), ("fish", "0")],
    ("country", "capital"): [("France", "Paris"), ("Spain", "Madrid"), ("Italy", "Rome"), ("Germany", "Berlin"), ("Japan", "Tokyo")],
    ("number", "square"): [("1", "1"), ("2", "4"), ("3", "9"), ("4", "16"), ("5", "25")],
    ("shape", "side"): [("triangle", "3"), ("square", "4"), ("pentagon", "5"), ("hexagon", "6"), ("octagon", "8")],
    ("month", "season"): [("January", "winter"), ("April", "spring"), ("July", "summer"), ("October", "autumn"), ("December", "winter")],
    ("planet", "place"): [("Mercury", "1"), ("Venus", "2"), ("Earth", "3"), ("Mars", "4"), ("Jupiter", "5")],
    ("command", "purpose"): [("`make run`", "starts Parley"), ("`make test`", "runs the tests"), ("`pull_model`", "downloads a model"), ("`add_model`", "adds a GGUF file"), ("`create_api_key`", "makes an API key")],
    ("quantisation", "bits"): [("`Q4_K_M`", "4 to 5"), ("`Q8_0`", "8"), ("`F16`", "16")],
}  # fmt: skip


def table(rng: Random, speaker: Speaker) -> Turn:
    row, column = rng.choice(list(TABLES))
    cells = TABLES[row, column]
    count = min(rng.choice([2, 3, 3, 4, 5]), len(cells))
    number = rng.choice([str(count), NUMBER_WORDS[count]])
    named = rng.random() < 0.75
    if not named:
        row, column = "fruit", "colour"
        cells = TABLES[row, column]
    if rng.random() < 0.6 or not named:
        count, number = 3, ""
    rows, columns = plural(row), plural(column)
    question = "(make|create|show me|give me|write|draw|produce|build|can you make|I need|put together|generate|format|show|can you show|please make|can you draw|I want|make me) a (small |little |Markdown |short |simple ||)table"
    if named:
        question += f"( of| with| showing| listing|:| about) ({number} {rows} and (their |){columns}|{number} {rows} with (their |){columns}|{number} {rows} and their {column}|{rows} and {columns})"
    elif rng.random() < 0.3:
        question = "(can you make tables|show me a table|a table please|table|make any table|an example of a table|give me an example table|Markdown table|what does a table look like|show a table as an example)"
    text = expand(rng, question)
    if not re.search(rf"\b({count}|{NUMBER_WORDS[count]})\b", text):
        count = 3
    body = "\n".join(f"| {left} | {right} |" for left, right in cells[:count])
    header = f"| {capitalise(row)} | {capitalise(plural(column) if column in ('leg', 'side') else column)} |\n| --- | --- |\n"
    return Turn(speaker.types(rng, text, "."), ["Here is a small table:", header + body])
