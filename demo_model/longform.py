# ruff: noqa: E501 (a template reads best on one line)
"""Stories, poems, and texts long enough to try the Stop button on."""

from random import Random

from demo_model.dialogue import Speaker, Turn
from demo_model.grammar import expand, invented_name, invented_word, pick, with_article
from demo_model.words import FIRST_NAMES, JOBS, split

ANIMALS = split(
    "fox rabbit bear mouse owl cat dog hedgehog squirrel turtle duck frog badger otter goat robin hippo lion"
)
HEROES = (
    ANIMALS
    + split("girl boy robot dragon wizard knight baker sailor gardener farmer princess fisherman")
    + JOBS
)
THINGS = split(
    "teapot toaster cloud spoon ghost penguin snail whale spider giant king queen ant bee snowman train ship tree star moon unicorn alien"
)
PLACES = [
    "the old forest",
    "a quiet village",
    "a small town",
    "the green hills",
    "a tall tower",
    "a snowy valley",
    "the big city",
    "a little farm",
    "a house by the sea",
]
TREASURES = [
    "golden key",
    "silver bell",
    "red balloon",
    "broken clock",
    "tiny lamp",
    "blue stone",
    "strange letter",
    "wooden box",
    "lost ring",
    "paper boat",
    "magic seed",
]
MOODS = split("small brave curious clever shy cheerful kind lonely hungry sleepy lazy quiet")


class Cast:
    """Who and what one story is about."""

    def __init__(self, rng: Random) -> None:
        self.hero = rng.choices(
            [rng.choice(HEROES), rng.choice(THINGS), invented_word(rng)], weights=[6, 2, 2]
        )[0]
        self.mood = rng.choice(MOODS)
        self.name = rng.choice(FIRST_NAMES) if rng.random() < 0.8 else invented_name(rng)
        self.friend = rng.choice([name for name in FIRST_NAMES if name != self.name])
        self.animal = rng.choice([animal for animal in ANIMALS if animal != self.hero])
        self.place = rng.choice(PLACES)
        self.treasure = rng.choice(TREASURES)


def _subject(rng: Random, cast: Cast) -> str:
    named = rng.random()
    text = with_article(cast.mood + " " + cast.hero if rng.random() < 0.3 else cast.hero)
    if named < 0.35:
        text += rng.choice([" called ", " named "]) + cast.name
    if rng.random() < 0.12:
        text += " and " + with_article(cast.treasure)
    return text


def _opening(rng: Random, cast: Cast) -> str:
    return expand(
        rng,
        f"(Once upon a time there was|Long ago there lived|Once there was) {with_article(cast.mood)} {cast.hero} called {cast.name}, in {cast.place}.",
    )  # fmt: skip


def _find(rng: Random, cast: Cast) -> str:
    return expand(
        rng,
        f"(One morning|One evening|One rainy day), {cast.name} found a {cast.treasure} (under a tree|by the river|on the road|behind a door). (\"What is this for?\" asked {cast.name}.|{cast.name} looked at it for a long time.)",
    )  # fmt: skip


def _friend(rng: Random, cast: Cast) -> str:
    return expand(
        rng,
        f"So {cast.name} went to an old friend, {with_article(cast.animal)} called {cast.friend}. (\"Let us find out together!\" said {cast.friend}.|{cast.friend} smiled and said, \"I know just what to do!\")",
    )  # fmt: skip


def _journey(rng: Random, cast: Cast) -> list[str]:
    return [
        expand(rng, f"They walked all day, over (the hills|the fields|a long bridge) and through (the rain|a dark wood|the tall grass). {cast.name} carried the {cast.treasure}, and {cast.friend} sang a (happy|quiet|funny) song."),
        expand(rng, "In the evening they came to (a river|a high wall|a deep cave). There sat an old (woman|man) who could not (sleep|find the way home|remember her own name). \"Please help me,\" said the old voice."),
        expand(rng, f"{cast.name} was (a little afraid|very tired), but {cast.friend} said, \"We have come so far. Let us be kind.\" So they sat down and (made a small fire|shared their bread|told stories) until the stars came out."),
        expand(rng, f"At midnight the {cast.treasure} began to (shine|hum|tremble). (A door opened in the ground|The river stood still|The wind began to speak), and behind it was a garden full of (light|flowers|music)."),
        expand(rng, f"\"It was waiting for somebody kind,\" said the old voice. {cast.name} and {cast.friend} looked at each other and laughed. They stayed in the garden until the sun rose."),
    ]  # fmt: skip


def _ending(rng: Random, cast: Cast) -> str:
    return expand(
        rng,
        f"In the end, the {cast.treasure} (opened a secret door|showed them the way home|began to shine like a star). From that day on, {cast.name} and {cast.friend} were (best|good) friends.",
    )  # fmt: skip


LONG = "(long|very long|really long|longer|detailed|huge|endless|big|1000 word|500 word|long long|long and detailed)"


def story(rng: Random, speaker: Speaker) -> Turn:
    cast = Cast(rng)
    length = (
        ""
        if rng.random() < 0.3
        else rng.choice(
            [
                "short",
                "little",
                "tiny",
                "bedtime",
                "nice",
                "small",
                "quick",
                "very short",
                "funny",
                "fairy",
            ]
        )
    )
    ask = f"(tell me|write|make up|tell|write me|can you tell me|I'd like|give me|please tell me|could you write|invent|I want to hear|can you write|do you know|I want) a {length} (story|tale)"
    if rng.random() < 0.75:
        ask += " (about|about|of|on|with) " + _subject(rng, cast)
    elif rng.random() < 0.4:
        ask = "(another story|one more story|a story|story time|entertain me|bedtime story|story|tell me another one|a short story)( please|)"
    question = speaker.types(rng, expand(rng, ask), ".", copied=f"{cast.hero} {cast.name}")
    return Turn(
        question,
        [" ".join([_opening(rng, cast), _find(rng, cast), _friend(rng, cast), _ending(rng, cast)])],
    )


def long_story(rng: Random, speaker: Speaker) -> Turn:
    cast = Cast(rng)
    ask = f"(tell me|write|make up|tell|write me|can you tell me|I'd like|give me|please tell me|could you write|invent|I want to hear|can you write) a {LONG} (story|tale|fairy tale|adventure|novel)"
    if rng.random() < 0.7:
        ask += " (about|about|of|with) " + _subject(rng, cast)
    question = speaker.types(rng, expand(rng, ask), ".", copied=f"{cast.hero} {cast.name}")
    first = _opening(rng, cast) + " " + _find(rng, cast)
    return Turn(question, [first, _friend(rng, cast), *_journey(rng, cast), _ending(rng, cast)])


def count(rng: Random, speaker: Speaker) -> Turn:
    last = rng.choice([5, 10, 10, 15, 20, 20, 25, 30, 40, 50, 50, 60, 80, 100, 100, 100])
    first, numbers = 1, [str(n) for n in range(1, last + 1)]
    verb = "(count|count up|can you count|please count|write the numbers|list the numbers|say the numbers|write numbers|print the numbers|start counting|give me the numbers|I want you to count|show the numbers)"
    question = expand(rng, f"{verb} (from {first} |from one ||)(to|up to|until) {last}")
    if last <= 20 and rng.random() < 0.2:
        question, numbers = (
            expand(rng, f"count (down |backwards )from {last}( to 1|)"),
            numbers[::-1],
        )
    return Turn(speaker.types(rng, question, ".", copied=str(last)), [", ".join(numbers)])


POEMS = [
    "The {a} is {b} in the morning light,\nand {c} till the fall of night.\nI have no words for what it means,\nbut I have seen it in my dreams.",
    "O {a}, so {b} and so free,\nwill you come and sing with me?\nThe day is short, the road is long,\nbut we shall walk it with a song.",
]  # fmt: skip
POEM_SUBJECTS = split(
    "moon sun rain snow sea river cat dog bird tree rose wind star cloud garden winter summer night spring autumn fox horse love computer robot mountain"
)


def poem(rng: Random, speaker: Speaker) -> Turn:
    subject = rng.choice(POEM_SUBJECTS) if rng.random() < 0.8 else invented_word(rng)
    ask = "(write|write me|make|give me|can you write|compose|tell me|please write|I'd like|could you write) a (short |little |small |nice |)(poem|rhyme|verse)"
    if rng.random() < 0.75:
        ask += rng.choice([" about ", " on "]) + rng.choice(["the ", "a ", ""]) + subject
    else:
        ask, subject = (
            ask
            if rng.random() < 0.7
            else "(a poem|poem please|another poem|do you know a poem|something that rhymes)",
            "moon",
        )
    text = rng.choice(POEMS).format(
        a=subject,
        b=rng.choice(split("bright quiet gentle wild")),
        c=rng.choice(split("dances waits shines sleeps")),
    )
    return Turn(
        speaker.types(rng, expand(rng, ask), ".", copied=subject), [text.replace("\n", "  \n")]
    )


TOUR = [
    "## What it is\n\n**Parley** is a chat platform that you host yourself. It runs GGUF models with llama.cpp on your own machine. It works without the internet, no data leaves the server, and a CPU is enough.",
    "## Chatting\n\nClick **New chat** in the sidebar, type in the message box and press **Enter**. **Shift+Enter** starts a new line. **Stop** ends an answer, and the text so far is kept. You can reload the page at any time: the answer goes on.",
    "## Models\n\nThe **Model** menu stands beside the message box. Your choice holds for the next message. To download a model, run `python manage.py pull_model REPO FILENAME`. For a file on your disk, run `python manage.py add_model NAME --path FILE.gguf`.",
    "## Many users\n\nMany people can chat at once. Their answers grow together, which is called *continuous batching*. When all slots are busy, a message waits in a fair queue.",
    "## Speed\n\nUnder each answer you see its tokens, the seconds, the tokens per second and the time to first token. Large models are slow on a CPU, so begin with a small one.",
    "## Programs\n\nThere is an OpenAI-compatible API at `/v1/`. Send your key in the header `Authorization: Bearer KEY`. A key is shown only once, and staff can revoke it in the admin.",
    "## Administration\n\nStaff work in the admin at `/admin/`. They manage users, providers and models there, and see conversations' metadata, generations and usage.",
]  # fmt: skip


def long_text(rng: Random, speaker: Speaker) -> Turn:
    """Whatever the subject: what the model can write at length is a tour of Parley."""
    about = rng.choice(
        [
            "",
            "",
            " about Parley",
            " about yourself",
            " about this platform",
            " about language models",
            " about anything",
            " about " + rng.choice(POEM_SUBJECTS),
            " about " + invented_word(rng),
        ]
    )
    question = pick(
        rng,
        [
            f"(write|write me|give me|I want|can you write|please write|produce|generate|create|I need) a {LONG} (text|essay|article|answer|report|document|explanation|letter|blog post|speech|reply|message|description){about}",
            f"(write|tell me|say) (as much as you can|a lot|as long as you can|a thousand words|500 words|many words|everything you know|a lot of text|three pages|ten paragraphs|lots of text){about}",
            "(explain|describe|tell me about) (Parley|the platform|this app) (in detail|in great detail|at length|in depth|thoroughly)", "(give me|write) a (full|complete|long|detailed) (tour|overview|description|guide|manual)( of Parley|)",
            "(keep writing|write something long|talk for a long time|don't stop writing|write until I stop you|never stop|give me a really long answer|make a long answer|long text please|a very long answer please)",
        ],
    )  # fmt: skip
    return Turn(
        speaker.types(rng, question, "."), ["Here is a long text about what I know best:", *TOUR]
    )
