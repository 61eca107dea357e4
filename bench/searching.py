"""Searches in a database full of conversations, in a process of its own.

python -m bench.searching make MESSAGES     fill the database that DATABASE_URL names
python -m bench.searching ask COUNT SEED    search it; milliseconds as JSON, see `Asked`
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta

import django
import numpy as np

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from chatsite import embedded_redis  # noqa: E402
from conversations.models import Conversation, Message  # noqa: E402
from conversations.search import index  # noqa: E402
from conversations.search.finding import MOST  # noqa: E402
from conversations.search.query import parse  # noqa: E402
from conversations.search.words import space_of_user  # noqa: E402

USER_MESSAGES = 500
"""That a user has on average; the most industrious have fifty times as many."""
SPREAD = 1.5
"""Of the logarithm of how many messages a user has."""
TURNS = 6
"""Questions of a conversation, on average."""
WORDS = {Message.Role.USER: 15, Message.Role.ASSISTANT: 110}
"""The middle number of words of a message."""
VOCABULARY = 30_000
BATCH = 2000
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Asked:
    """How long one search took, in milliseconds."""

    kind: str
    index: float
    """To find the messages in Parley's index."""
    scan: float
    """To find those with its first word by LIKE, in the same person's messages."""
    page: float
    """Of Parley, from request to response."""


class Texts:
    """Made-up words, as unequal in number as those of a language (Zipf's law)."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self._words = np.array([_word(number) for number in range(VOCABULARY)])
        weights = 1 / np.arange(1, VOCABULARY + 1)
        self._bounds = np.cumsum(weights / weights.sum())

    def text(self, middle: int) -> str:
        length = min(2000, max(1, int(self.random.lognormal(np.log(middle), 0.8))))
        picked = np.searchsorted(self._bounds, self.random.random(length))
        return " ".join(self._words[np.minimum(picked, VOCABULARY - 1)])


def _word(number: int) -> str:
    """Syllables, the fewer the more common the word is."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    word = ""
    number += 7
    while number:
        number, syllable = divmod(number, len(syllables))
        word += syllables[syllable]
    return word


def make(messages: str) -> None:
    call_command("migrate", verbosity=0)
    index.of(connection).remove(connection)  # it is filled at once in the end, as at an upgrade
    texts, wanted = Texts(seed=0), int(messages)
    made, batch = 0, list[tuple[Conversation, list[Message]]]()
    for conversation in _conversations(texts, wanted):
        batch.append((conversation, list(_messages(texts, conversation))))
        made += len(batch[-1][1])
        if len(batch) == BATCH or made >= wanted:
            _write(batch)
            batch = []
        if made >= wanted:
            break
    began = time.monotonic()
    index.of(connection).install(connection)
    print(json.dumps({"messages": made, "indexed_in_seconds": time.monotonic() - began}))


def _conversations(texts: Texts, messages: int) -> Iterator[Conversation]:
    """Endlessly, each of somebody whose share of them is theirs."""
    count = max(2, messages // USER_MESSAGES)
    people = [User(email=f"person{number}@example.org", password="!") for number in range(count)]
    people = User.objects.bulk_create(people)
    shares = texts.random.lognormal(0, SPREAD, len(people))
    bounds = np.cumsum(shares / shares.sum())
    began = timezone.now() - YEAR
    for number in range(messages):
        user = people[min(int(np.searchsorted(bounds, texts.random.random())), len(people) - 1)]
        at = began + YEAR * (number * TURNS * 2 / messages)
        yield Conversation(user=user, title=texts.text(5)[:200], created_at=at, updated_at=at)


def _messages(texts: Texts, conversation: Conversation) -> Iterator[Message]:
    for _turn in range(texts.random.geometric(1 / TURNS)):
        for role, middle in WORDS.items():
            yield Message(conversation=conversation, role=role, content=texts.text(middle))


def _write(batch: list[tuple[Conversation, list[Message]]]) -> None:
    Conversation.objects.bulk_create([conversation for conversation, _ in batch])
    Message.objects.bulk_create([one for _, messages in batch for one in messages], BATCH)


@contextmanager
def _redis() -> Iterator[None]:
    """Pages ask it something at each request."""
    server = subprocess.Popen(embedded_redis.command(settings.DATA_DIR), stdout=sys.stderr)
    try:
        while not embedded_redis.socket_path(settings.DATA_DIR).exists():
            time.sleep(0.01)
        yield
    finally:
        server.kill()
        server.wait()


def ask(count: str, seed: str) -> None:
    call_command("migrate", verbosity=0)  # the database may have been made long ago
    with _redis():
        _search(int(count), Texts(int(seed)))


def _search(count: int, texts: Texts) -> None:
    last = Message.objects.order_by("-pk").values_list("pk", flat=True)[0]
    clients: dict[int, Client] = {}
    asked = []
    for number in range(count):
        said = Message.objects.select_related("conversation__user").get(
            pk=int(texts.random.integers(1, last + 1))
        )
        user = said.conversation.user  # who has written more looks for more
        if user.pk not in clients:
            clients[user.pk] = client = Client(
                headers={"HX-Request": "true"}, SERVER_NAME="localhost"
            )
            client.force_login(user)
            client.get("/search/", {"q": "warm"})
        kind = list(KINDS)[number % len(KINDS)]
        asked.append(_ask(clients[user.pk], user, kind, KINDS[kind](texts, said.content.split())))
    print(json.dumps([asdict(one) for one in asked]))


KINDS = {
    "a word": lambda texts, words: max(texts.random.choice(words, 3), key=len),
    "a common word": lambda texts, words: _word(int(texts.random.integers(0, 20))),
    "two words": lambda texts, words: " ".join(texts.random.choice(words, 2)),
    "a beginning": lambda texts, words: texts.random.choice(words)[:3],
    "a phrase": lambda texts, words: f'"{" ".join(words[:3])}"',
}
"""What is looked for, made of a message of whoever looks for it."""


def _ask(client: Client, user: User, kind: str, text: str) -> Asked:
    first = text.strip('"').split()[0]
    theirs = Message.objects.filter(conversation__user=user, conversation__deleted_at=None)
    scan = theirs.filter(content__icontains=first).order_by("-pk").values_list("pk")[:MOST]
    spaces, query = [space_of_user(user.pk)], parse(text)
    return Asked(
        kind,
        index=_milliseconds(lambda: index.of(connection).messages(spaces, query, 2**62, MOST)),
        scan=_milliseconds(lambda: list(scan)),
        page=_milliseconds(lambda: client.get("/search/", {"q": text})),
    )


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


COMMANDS = {"make": make, "ask": ask}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
