"""Titles that the model thinks of, after the first answer of a conversation.

A run like any other does it: it waits in the fair queue and is accounted to the conversation's
owner. If nothing sensible comes of it, the conversation keeps its first words as its title.
"""

import re
from typing import Any

from django.db import transaction

from accounts.problem import Problem
from conversations import notices
from conversations.markdown import plain_text_title
from conversations.models import Conversation, Message
from inference import lifecycle
from inference.admission import QueueFull
from inference.ask import Ask
from inference.lifecycle import Outcome
from inference.models import Generation

INSTRUCTION = (
    "You name conversations. Reply with a title of at most six words for the conversation that is "
    "quoted, in the language of its question. Reply with the title alone: no quotes, no full stop."
)
"""For models: not translated, as they are to follow the language of what is quoted."""
PARAMETERS: dict[str, Any] = {"temperature": 0.2, "max_tokens": 32}
QUESTION, ANSWER = 1000, 500
"""Characters of each that are quoted."""
LONGEST = 60

_THOUGHTS = re.compile(r"<think>.*?(</think>|$)", re.DOTALL)
_LABEL = re.compile(r"^(title|titel|titre|título|titolo|标题|题目)\s*[:：]\s*", re.IGNORECASE)
_QUOTES = " \t\"'“”„‟‘’‚«»‹›「」『』《》"


def on_finish(generation: Generation, outcome: Outcome) -> None:
    """A listener of lifecycle's."""
    if generation.source == Generation.Source.CHAT and outcome.status == Generation.Status.DONE:
        _ask(generation)
    elif generation.source == Generation.Source.TITLE:
        _record(generation, outcome)


def cleaned(text: str) -> str:
    """A title as it may stand in a list; empty if there is none in this text."""
    words = _THOUGHTS.sub("", text).replace("\0", "").strip()
    line = words.partition("\n")[0]
    if not re.search(r"\w", line) or "<|" in line:
        return ""
    title = _bare(plain_text_title(line, limit=4 * LONGEST))
    return title if len(title) <= LONGEST else ""


def _bare(line: str) -> str:
    """Without the label, the quotes and the full stop that models put around a title."""
    unlabelled = _LABEL.sub("", line.strip(_QUOTES)).strip(_QUOTES)
    return unlabelled.rstrip(".。").strip(_QUOTES)


def _ask(generation: Generation) -> None:
    answer = _first_answer(generation)
    if answer is None or answer.parent is None or not generation.model.writes_titles:
        return
    quoted = f"Question: {answer.parent.content[:QUESTION]}\n\nAnswer: {answer.content[:ANSWER]}"
    chat = [
        {"role": "system", "content": INSTRUCTION},
        {"role": "user", "content": f"{quoted}\n\nTitle of this conversation:"},
    ]
    conversation = answer.conversation
    try:
        conversation.naming = lifecycle.submit(
            conversation.user, generation.model, Ask(chat), PARAMETERS, Generation.Source.TITLE
        )
    except (QueueFull, Problem):
        return
    Conversation.objects.filter(pk=conversation.pk).update(naming=conversation.naming)


def _first_answer(generation: Generation) -> Message | None:
    """The answer of this run, if it is one to the beginning of a conversation without a name."""
    unnamed = Conversation.objects.kept().filter(
        is_temporary=False, named_by=Conversation.Namer.TEXT, naming=None
    )
    answers = Message.objects.filter(conversation__in=unnamed, parent__parent=None)
    return (
        answers.filter(generation=generation).select_related("conversation__user", "parent").first()
    )


def _record(generation: Generation, outcome: Outcome) -> None:
    """Its title, unless somebody has given it one meanwhile; what was asked for it goes."""
    conversation = Conversation.objects.filter(naming=generation).first()
    transaction.on_commit(lambda: _forget(generation))
    is_whole = outcome.status == Generation.Status.DONE and outcome.reason == Generation.Reason.STOP
    if conversation is None or not is_whole or not (title := cleaned(outcome.text)):
        return
    unnamed = Conversation.objects.filter(pk=conversation.pk, named_by=Conversation.Namer.TEXT)
    if unnamed.update(title=title, named_by=Conversation.Namer.MODEL):
        notices.title_changed(conversation)


def _forget(generation: Generation) -> None:
    lifecycle.forget(Generation.objects.filter(pk=generation.pk))
