"""Whether the queue has room for one more run."""

import math

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from inference import line
from inference.ask import Ask
from inference.models import AIModel, Generation

BYTES_PER_TOKEN = 4
"""Of UTF-8. It is near enough for limits: some four letters of English are one token, and so are
one or two characters of three bytes each."""
TOKENS_PER_IMAGE = 512
"""Between the 64 and the 1,400 that models make of one."""
LONGEST_RETRY = 600
SOON, LATER = 5, 30
"""Seconds to wait when nothing is known about the pace of a model."""


class QueueFull(Exception):
    """The message is a sentence for people; `retry_after` is in seconds, and `limit` how many runs
    a user may have waiting, if that is what there are too many of."""

    def __init__(self, message: str, retry_after: int, limit: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.limit = limit


def estimated_tokens(model: AIModel, ask: Ask) -> int:
    """Of a prompt, by its length, as web processes have no vocabulary to count with.

    Never more than the model's context, for each text of an embedding, as only what fits into that
    is ever evaluated.
    """
    most = (model.context_window or settings.N_CTX) * ask.count
    tokens = math.ceil(ask.size / BYTES_PER_TOKEN) + TOKENS_PER_IMAGE * len(ask.images)
    return min(tokens, most)


def check_room(user: User, model: AIModel, prompt_tokens: int) -> None:
    """Raises QueueFull. To be called in the transaction that adds the run.

    A user's limits are exact, however many requests of theirs come at once: SQLite has one writer
    at a time, and with PostgreSQL their requests queue for the user's row. The limits in all are
    exact with SQLite; with PostgreSQL there may be as many too many as users ask at the same
    moment. No prompt is too long for a limit by itself: it is let in where nothing waits.
    """
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk").first()
    waiting = Generation.objects.filter(status=Generation.Status.QUEUED)
    own = waiting.filter(user=user)
    runs, tokens = _load(own)
    if runs >= settings.MAX_WAITING_PER_USER:
        text = _("You have too many messages waiting already. Try again shortly.")
        raise QueueFull(text, _until_next(own), limit=settings.MAX_WAITING_PER_USER)
    if runs and tokens + prompt_tokens > settings.MAX_WAITING_TOKENS_PER_USER:
        text = _("You have too much text waiting already. Try again shortly.")
        raise QueueFull(text, _until_next(own))
    runs, tokens = _load(waiting)
    too_much = runs and tokens + prompt_tokens > settings.MAX_WAITING_TOKENS
    if runs >= settings.MAX_WAITING or too_much:
        text = _("The server has too much to do just now. Try again in a minute.")
        raise QueueFull(text, retry_after(line.pace(model.pk), otherwise=LATER))


def _load(waiting: QuerySet[Generation]) -> tuple[int, int]:
    """How many they are, and how many tokens their prompts have by the estimate."""
    found = waiting.aggregate(runs=Count("pk"), tokens=Coalesce(Sum("prompt_tokens"), 0))
    return found["runs"], found["tokens"]


def _until_next(waiting: QuerySet[Generation]) -> int:
    """Seconds until one of these runs has probably begun."""
    places = [line.place(run) for run in waiting.defer("messages")]
    known = [place.seconds for place in places if place.seconds is not None]
    return retry_after(min(known, default=None), otherwise=SOON)


def retry_after(estimated: float | None, otherwise: int) -> int:
    """For Retry-After, which takes whole seconds."""
    if estimated is None:
        return otherwise
    return min(max(math.ceil(estimated), 1), LONGEST_RETRY)
