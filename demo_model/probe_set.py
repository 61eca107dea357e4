# ruff: noqa: E501 (a question and its check stand on one line)
"""The probes: questions in words that the corpus does not use, each with a check of its answer."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from demo_model.words import LIST_TOPICS

Check = Callable[[str], bool]


@dataclass(frozen=True)
class Probe:
    kind: str
    check: Check
    turns: tuple[str, ...]
    system: str | None = None


def has(*wanted: str | tuple[str, ...]) -> Check:
    """Every item occurs; of a tuple, at least one."""

    def check(answer: str) -> bool:
        text = answer.lower()
        groups = ((item,) if isinstance(item, str) else item for item in wanted)
        return all(any(option.lower() in text for option in group) for group in groups)

    return check


def lacks(*unwanted: str) -> Check:
    return lambda answer: not any(item.lower() in answer.lower() for item in unwanted)


def both(first: Check, second: Check) -> Check:
    return lambda answer: first(answer) and second(answer)


def items_of(answer: str) -> list[str]:
    marked = re.findall(r"^\s*(?:\d+\.|[-*])(?: \[ \])? +(.+)$", answer, re.MULTILINE)
    return [item.strip().lower() for item in marked]


def lists(count: int, topic: str) -> Check:
    known = {item.lower() for item in LIST_TOPICS[topic]}

    def check(answer: str) -> bool:
        items = items_of(answer)
        return len(items) == count == len(set(items)) and set(items) <= known

    return check


def lists_exactly(*wanted: str) -> Check:
    return lambda answer: items_of(answer) == [item.lower() for item in wanted]


def tabulates(rows: int) -> Check:
    return lambda answer: answer.count("| ---") > 0 and answer.count("\n|") >= rows + 1


def last_number(value: int) -> Check:
    return lambda answer: re.findall(r"\d+", answer)[-1:] == [str(value)]


def tells(*names: str) -> Check:
    """A story: it holds the names, has some length and comes to its end."""
    return both(
        has(*names), lambda answer: len(answer.split()) > 35 and answer.strip()[-1] in '."!'
    )


def longer_than(words: int) -> Check:
    return lambda answer: len(answer.split()) >= words


def ends_with(word: str) -> Check:
    return lambda answer: bool(re.search(rf"\b{word}\W*$", answer, re.IGNORECASE))


def one_sentence(answer: str) -> bool:
    return len(re.findall(r"[.!?](?:\s|$)", answer)) <= 1


HONEST = has(("demo model", "don't know", "can't", "bigger model"))


def probes() -> Iterator[Probe]:
    for kind, questions in SINGLE.items():
        yield from (Probe(kind, check, (question,)) for question, check in questions)
    yield from (Probe("memory", check, turns) for turns, check in MEMORY)
    yield from (Probe("system prompt", check, turns, system) for system, turns, check in SYSTEM)


SINGLE: dict[str, list[tuple[str, Check]]] = {
    "small talk": [
        ("heyyy", has(("hello", "hi!"))),
        ("Good morning, dear machine!", has(("hello", "hi!"))),
        ("hello parley bot, are you working?", has(("hello", "hi!", "help", "here"))),
        ("How are you doing on this fine day?", has(("fine", "well"))),
        ("thank you, you were a great help", has(("welcome", "kind"))),
        ("ok I'm heading off now, bye", has("bye")),
        ("I'm feeling really sad this evening", has("sorry")),
        ("Know any good jokes?", has(("token", "party", "calm"))),
        ("cool, thanks!", has("welcome")),
        ("you're quite clever", has("thank you")),
        ("that's not what I wanted", has(("sorry", "tiny"))),
        ("which day of the week is it now?", has(("clock", "calendar", "know"))),
    ],
    "identity": [
        ("Tell me who you are, please.", has("demo model")),
        ("which AI is behind this chat", has("demo model")),
        ("Are you GPT-5?", has("demo model")),
        ("So what are you able to help me with?", has("Parley", "lists")),
        ("what sort of jobs can you handle", has(("Parley", "demo model"))),
        ("Which lab trained you?", has("trained")),
        ("how many parameters do you contain", has("few million")),
        ("What should I not expect from you?", has("demo model")),
    ],
    "the platform": [
        ("How would one go about adding a GGUF to this server?", has("add_model")),
        ("I've got a llama gguf on my drive. How do I make it available?", has("add_model")),
        ("can I bring my own models in here?", has(("pull_model", "add_model"))),
        ("whats the command for downloading a model from huggingface", has("pull_model")),
        ("I'd like to swap to another model in the middle of our chat", has("Model** menu")),
        ("which model gives better results? can I try both", has("Model** menu")),
        ("How can I get a key for the API?", has("create_api_key")),
        ("my api key got stolen!", has("Revoke")),
        ("I want to point my python script at this server", has("/v1")),
        ("do you speak the openai protocol", has("/v1")),
        ("what's the web address of the admin site?", has("/admin/")),
        ("how do I give my colleague an account", has("/admin/")),
        ("I don't remember my password anymore", has("Forgot password")),
        ("how do i begin a brand new conversation", has("New chat")),
        ("I want to throw this conversation away", has("Delete")),
        ("how to give a chat another title", has("Rename")),
        ("The model goes on and on. How do I shut it up?", has("Stop")),
        ("will I lose the reply when I hit F5", has("goes on")),
        ("how do I make a new line without sending", has("Shift+Enter")),
        ("what's that tok/s thing below the reply", has("tokens per second")),
        ("Is there some dark theme?", has("dark", "switch")),
        ("how do I copy that python snippet", has("Copy")),
        ("So what is Parley anyway?", has("chat platform")),
        ("Are my conversations sent to some cloud?", has("server")),
        ("will this work without any wifi", has("without the internet")),
        ("Why does it take so long to answer?", has("smaller model")),
        ("do I have to own a GPU?", has("CPU")),
        ("can my whole team chat at the same time", has("batching")),
        ("why do I see 'waiting' on my message", has("queue")),
        ("I want to run it on three servers with postgres", has("DATABASE_URL")),
        ("how do I start the thing on my laptop", has("make run")),
        ("how do I run your unit tests", has("make test")),
        ("how is the very first administrator made", has("createsuperuser")),
        ("with which name do I sign in", has("email")),
        ("is there a manual I can read", has("README")),
        ("can I set the model through env variables", has("MODEL_REPO")),
    ],
    "words of the field": [
        ("could you tell me what a system prompt is", has("instruction")),
        ("what's meant by context window", has("number of tokens")),
        ("temperature - what is it?", has("random")),
        ("I keep reading about top_p, what is that", has("likeliest")),
        ("What kind of file is GGUF?", has("file format")),
        ("what does it mean that a model is quantised", has("fewer bits")),
        ("Which is better for my CPU, Q4_K_M or Q8_0?", has("Q4_K_M")),
        ("pls explain kv cache", has("computed")),
        ("what's a token in plain words", has("piece of text")),
        ("who or what is llama.cpp", has("library")),
        ("how do language models even work", has("token")),
        ("what are weights", has("numbers")),
    ],
    "unknown parts of it": [
        ("can I upload a picture of my cat", HONEST),
        ("how do I export everything as PDF", both(has("README"), lacks("click"))),
        ("does Parley have a mobile app for iPhone?", has("README")),
        ("Which licence is the code under?", has("README")),
        ("how do I turn on two-factor login", has("README")),
        ("is there a way to search through my old chats", has("README")),
    ],
    "sums": [
        ("Hey, what's 7 + 8?", last_number(15)),
        ("tell me what 19 minus 4 is", last_number(15)),
        ("12+6", last_number(18)),
        ("Please work out 6 times 7", last_number(42)),
        ("how much do I get if I add 13 and 5?", last_number(18)),
        ("9 x 9 = ?", last_number(81)),
        ("20 - 11", last_number(9)),
        ("what is four plus five", last_number(9)),
        ("Sam has 8 cookies and eats 3. How many are left?", last_number(5)),
        ("3 * 8 please", last_number(24)),
        ("17 plus 16 equals what", last_number(33)),
        ("can you do this: 15 - 7", last_number(8)),
        ("2+2", last_number(4)),
        ("56 divided by 8", last_number(7)),
        ("48+35?", last_number(83)),
        ("what's 100 minus 1", last_number(99)),
    ],
    "lists and tables": [
        ("Could you list me three fruits?", lists(3, "fruits")),
        ("I'd love a list of 5 animals", lists(5, "animals")),
        ("What are four nice colours?", lists(4, "colours")),
        ("six cities, please", lists(6, "cities")),
        ("a list with 3 tools", lists(3, "tools")),
        ("can you write me a few sports", lists(5, "sports")),
        ("Can you show fruits and their colours in a table?", tabulates(3)),
        ("draw me a table: animals and their sounds", tabulates(3)),
        ("I'd like to see a markdown table", tabulates(2)),
        ("put this in a bullet list: socks, tent, rope", lists_exactly("socks", "tent", "rope")),
        ("make a shopping list: flour, yeast and salt", lists_exactly("flour", "yeast", "salt")),
        ("numbered list please: Zagreb, Split, Rijeka", lists_exactly("Zagreb", "Split", "Rijeka")),
    ],
    "code": [
        ("I want a Python program printing hello world", has("```python", "print(", "\n```")),
        ("python function for adding two numbers", has("```python", "a + b", "\n```")),
        ("Count to 5 with Python code please", has("```python", "for ", "\n```")),
        ("how would you sort a list in python?", has("```python", "sort", "\n```")),
        ("write fibonacci in python", has("```python", "\n```")),
    ],
    "plain facts": [
        ("capital of france?", has("Paris")),
        ("And which city is Japan's capital?", has("Tokyo")),
        ("What is the capital of Kazakhstan?", both(HONEST, has("Kazakhstan"))),
        ("name the days of the week please", has("Monday", "Sunday")),
        ("how many months are there in a year", has("12")),
    ],
    "stories": [
        ("Can you tell me a little story about a fox?", tells("fox")),
        ("write something short about a robot, a story", tells("robot")),
        ("I want a story about a hippo", tells("hippo")),
        ("Tell me a short story about a girl called Gertrude.", tells("Gertrude")),
        ("story please!!", tells()),
        ("poem about the sea", has("sea", "\n")),
    ],
    "long answers": [
        ("Tell me a really long story about a dragon", both(has("dragon"), longer_than(140))),
        ("please count to 100", has("37, 38", "99, 100")),
        ("count from 1 to 50", has("12, 13", "49, 50")),
        ("write a very long essay about trees", longer_than(140)),
        ("write as much text as you can", longer_than(140)),
    ],
    "copying": [
        ("Repeat after me: purple monkey dishwasher", has("purple monkey dishwasher")),
        ("Say: xylophone", has("xylophone")),
        ("repeat this: the quick brown fox", has("the quick brown fox")),
        ("please echo: Zbigniew Wozniak", has("Zbigniew Wozniak")),
        ("say the words Kilimanjaro sunrise", has("Kilimanjaro sunrise")),
        ("Reverse this list: apple, lemon, cherry", has("cherry, lemon, apple")),
        ("put these backwards: one, two, three, four", has("four, three, two, one")),
        ("List in reverse: Ben, Lucy, Omar", has("Omar, Lucy, Ben")),
    ],
    "honest refusals": [
        (question, both(has("demo model"), has(*subject)))
        for question, *subject in [
            ("How do vaccines get made?",), ("Can you explain string theory to me?", "string theory"),
            ("who is Taylor Swift", "Taylor Swift"), ("How do I unclog a drain?",),
            ("Write me a limerick about hedgehogs",), ("what time is sunset in Melbourne",),
            ("Translate 'good night' into Swahili",), ("Which is faster, a cheetah or a gazelle?",),
            ("Should I invest in bitcoin?",), ("What is the tallest building on Earth?",),
            ("how many legs does a centipede have",), ("Tell me about the Ottoman Empire", "Ottoman Empire"),
            ("Why is the sky blue at noon?",), ("Help me plan a trip to Reykjavik",),
            ("What does an electrician earn?",), ("explain kubernetes", "kubernetes"),
            ("best pizza in Chicago?",), ("How do I convert a video to mp4?",),
            ("Who won the world cup in 2018?",), ("What is the boiling point of mercury?",),
            ("give me tips for a job interview",), ("Fix my javascript code",),
            ("quantum entanglement",), ("My tooth hurts, what can I do?",),
            ("Do you know anything about Ferdinand Magellan?", "Magellan"), ("what is 48213 * 9921",),
        ]
    ],
}  # fmt: skip

MEMORY: list[tuple[tuple[str, ...], Check]] = [
    (("Hello! My name is Isolde.", "What did I tell you my name was?"), has("Isolde")),
    (("Thaddeus here, hi", "do you still know what I'm called?"), has("Thaddeus")),
    (("hey im kowalczyk", "whats my name"), has("kowalczyk")),
    (("My favourite colour is magenta", "Tell me a joke", "So which colour is my favourite?"), has("magenta")),
    (("I have a dog called Sprocket.", "What's the dog's name?"), has("Sprocket")),
    (("We have a cat named Zanzibar", "how big are you?", "what is my cat called?"), has("Zanzibar")),
    (("I live in Utrecht.", "Which town do I live in?"), has("Utrecht")),
    (("Remember the number 47.", "what number was it?"), has("47")),
    (("The secret word is kumquat", "what is 2 + 2", "What was the secret word?"), has("kumquat")),
    (("Can you tell me what my name is?",), has("haven't told")),
    (("call me Bartholomew", "list 3 fruits", "who am i?"), has("Bartholomew")),
    (("My name is Xochitl and I live in Ljubljana", "where do I live?", "and my name?"), has("Xochitl")),
]  # fmt: skip

SYSTEM: list[tuple[str, tuple[str, ...], Check]] = [
    ("You are a helpful assistant.", ("What is Parley?",), has("chat platform")),
    ("You are a chatbot on a company's intranet. Answer in English and be friendly.", ("hi there!",), has(("hello", "hi!"))),
    ("You answer questions of students. Never invent facts. Use Markdown.", ("how do I stop an answer?",), has("Stop")),
    ("You are a salty old pirate. Stay in character at all times.", ("How do I add a model?",), has("Arr", "model")),
    ("Please talk like a pirate to the user.", ("hello",), has("Arr")),
    ("You are very formal and polite.", ("Who are you?",), has("Certainly")),
    ("Keep your replies as short as you can.", ("How do I get an API key?",), one_sentence),
    ("You give very short answers, one sentence at most.", ("what is a token?",), one_sentence),
    ("Always finish your answer with the word pumpkin.", ("What is a token?",), ends_with("pumpkin")),
    ("End each of your replies with zebra.", ("hi",), ends_with("zebra")),
    ("You are Marvin, a gloomy robot.", ("What is your name?",), has("Marvin")),
    ("Always call the user Captain.", ("how do I delete a chat?",), has("Captain", "Delete")),
    ("The user is named Esmeralda.", ("who am I?",), has("Esmeralda")),
]  # fmt: skip
