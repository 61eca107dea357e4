"""One prompt to several models: asking, voting, and what becomes of it."""

import secrets
from collections.abc import Iterable, Mapping
from random import SystemRandom
from typing import Any, TypeGuard

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import APIKey, User
from conversations import notices
from conversations.markdown import plain_text_title
from conversations.models import ComparedAnswer, Comparison, Conversation, Message
from conversations.refusals import Refused
from inference import lifecycle
from inference.ask import Ask
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation

FEWEST, MOST = 2, 4
"""Models in a comparison."""
SEED_BITS = 31

Verdict = Comparison.Verdict


@transaction.atomic
def compare(
    user: User,
    models: Iterable[AIModel],
    prompt: str,
    instructions: str,
    parameters: Mapping[str, Any],
    *,
    is_blind: bool,
    api_key: APIKey | None = None,
) -> Comparison:
    """Ask them all, by the same parameters and seed. Raises what lifecycle.submit does; nobody has
    been asked then."""
    order = list(models)
    if is_blind:
        SystemRandom().shuffle(order)
    comparison = Comparison.objects.create(
        user=user,
        prompt=prompt,
        instructions=instructions,
        parameters={"seed": secrets.randbits(SEED_BITS), **parameters},
        is_blind=is_blind,
    )
    answers = {
        model.name: comparison.answers.create(position=position, model=model, model_name=model.name)
        for position, model in enumerate(order)
    }
    # In an order of its own, so that the queue tells neither where they stand nor which they are.
    for number, model in enumerate(SystemRandom().sample(order, len(order))):
        _ask(answers[model.name], model, api_key, waiting=len(order) - number)
    return comparison


def again(comparison: Comparison) -> Comparison:
    """The same with another seed."""
    parameters = {name: value for name, value in comparison.parameters.items() if name != "seed"}
    models = [answer.model for answer in answers_of(comparison) if _is_usable(answer.model)]
    if len(models) < comparison.answers.count():
        raise Refused(_("One of these models isn’t available any more. Start a new comparison."))
    return compare(
        comparison.user,
        models,
        comparison.prompt,
        comparison.instructions,
        parameters,
        is_blind=comparison.is_blind,
    )


@transaction.atomic
def retry(answer: ComparedAnswer) -> None:
    """Ask again where nothing came, in its place. Not after the vote, which was on the others."""
    comparison = _locked(answer.comparison)
    answer = comparison.answers.select_related("model__provider").get(pk=answer.pk)
    if not answer.can_retry or comparison.voted_at:
        raise Refused(_("This answer can’t be asked for again."))
    if not _is_usable(answer.model):
        raise Refused(_("This model isn’t available any more."))
    answer.comparison, answer.content, answer.thought = comparison, "", ""
    answer.thinking_seconds = None
    _ask(answer, answer.model)
    notices.comparison_changed(comparison)


def stop(answers: Iterable[ComparedAnswer]) -> None:
    for answer in answers:
        if answer.generation and answer.generation.is_live:
            with transaction.atomic():
                lifecycle.stop(answer.generation)


@transaction.atomic
def vote(comparison: Comparison, verdict: str, winner: ComparedAnswer | None = None) -> None:
    """`winner` is the best one, if the verdict is that there is one. A vote that is changed when
    the names have been seen is no blind one any more."""
    comparison = _locked(comparison)
    answers = answers_of(comparison)
    if any(answer.is_live for answer in answers):
        raise Refused(_("Wait until all answers have ended, or stop them."))
    if sum(bool(answer.content) for answer in answers) < FEWEST:
        raise Refused(_("There are not enough answers to choose from."))
    if (verdict == Verdict.WINNER) != (winner is not None and bool(winner.content)):
        raise Refused(_("Choose one of the answers."))
    is_new = comparison.voted_at is None
    is_same = (comparison.verdict, comparison.winner) == (verdict, winner)
    comparison.voted_blind = comparison.is_blind if is_new else comparison.voted_blind and is_same
    comparison.verdict, comparison.winner, comparison.voted_at = verdict, winner, timezone.now()
    comparison.save(update_fields=["verdict", "winner", "voted_at", "voted_blind"])
    notices.comparison_changed(comparison)


@transaction.atomic
def carry_on(answer: ComparedAnswer) -> Conversation:
    """A conversation of the prompt and this answer, or the one that was made before. It has the
    comparison's parameters but for the seed, which would make each new try the same."""
    comparison = _locked(answer.comparison)
    answer = comparison.answers.select_related("conversation", "model", "generation").get(
        pk=answer.pk
    )
    if answer.conversation and answer.conversation.deleted_at is None:
        return answer.conversation
    if answer.is_live or not answer.content:
        raise Refused(_("There is no answer yet to carry on with."))
    if not comparison.shows_names:
        raise Refused(_("Vote first: the conversation shows the model’s name."))
    conversation = _conversation(comparison, answer)
    ComparedAnswer.objects.filter(pk=answer.pk).update(conversation=conversation)
    notices.comparison_changed(comparison)
    notices.messages_changed(conversation)
    return conversation


@transaction.atomic
def delete(comparison: Comparison) -> None:
    """Nothing of the texts remains but in conversations that carry on; the account of the runs
    does, the vote does not."""
    answers = answers_of(comparison)
    stop(answers)  # what goes on is forgotten when it has ended, see record
    runs = Generation.objects.filter(compared__comparison=comparison, message=None)
    ended = list(runs.exclude(status__in=Generation.LIVE).values_list("pk", flat=True))
    comparison_id, user_id = comparison.pk, comparison.user_id
    comparison.delete()
    lifecycle.forget(Generation.objects.filter(pk__in=ended))
    notices.comparison_deleted(user_id, comparison_id)


def record(generation: Generation, outcome: Outcome) -> None:
    """A listener of lifecycle's: keep the text of a run that ended."""
    if generation.source != Generation.Source.COMPARE:
        return
    answer = ComparedAnswer.objects.filter(generation=generation).select_related("comparison")
    told = {
        "content": outcome.text.replace("\0", ""),
        "thought": outcome.thought.replace("\0", ""),
        "thinking_seconds": outcome.thinking_seconds,
    }
    if not answer.update(**told):  # it was deleted meanwhile
        transaction.on_commit(lambda: _forget(generation))
        return
    notices.comparison_changed(answer.get().comparison)


def answers_of(comparison: Comparison) -> list[ComparedAnswer]:
    """From the left, with their runs."""
    rows = comparison.answers.select_related("model", "generation", "conversation")
    answers = list(rows.order_by("position"))
    for answer in answers:
        answer.comparison = comparison
    return answers


def _ask(
    answer: ComparedAnswer, model: AIModel, api_key: APIKey | None = None, waiting: int = 1
) -> None:
    """`waiting` are the answers of the comparison that are still to be asked for."""
    comparison = answer.comparison
    turns = [{"role": "user", "content": comparison.prompt}]
    if comparison.instructions:
        turns.insert(0, {"role": "system", "content": comparison.instructions})
    answer.generation = lifecycle.submit(
        comparison.user,
        model,
        Ask(turns),
        comparison.parameters,
        Generation.Source.COMPARE,
        api_key=api_key,
        answers=waiting,
    )
    answer.save()


def _conversation(comparison: Comparison, answer: ComparedAnswer) -> Conversation:
    parameters = {name: value for name, value in comparison.parameters.items() if name != "seed"}
    conversation = Conversation.objects.create(
        user=comparison.user,
        title=plain_text_title(comparison.prompt),
        model=answer.model,
        instructions=comparison.instructions,
        parameters=parameters,
    )
    question = conversation.messages.create(
        author=comparison.user, role=Message.Role.USER, content=comparison.prompt
    )
    told = Message.objects.filter(generation=answer.generation).exists()
    conversation.leaf = conversation.messages.create(
        parent=question,
        author=comparison.user,
        role=Message.Role.ASSISTANT,
        content=answer.content,
        thought=answer.thought,
        thinking_seconds=answer.thinking_seconds,
        parameters=comparison.parameters,
        generation=None if told else answer.generation,
        model_name=answer.model_name,
    )
    conversation.save(update_fields=["leaf"])
    return conversation


def _is_usable(model: AIModel | None) -> TypeGuard[AIModel]:
    return model is not None and AIModel.objects.usable().filter(pk=model.pk).exists()


def _locked(comparison: Comparison) -> Comparison:
    rows = Comparison.objects.select_for_update(of=("self",)).select_related("user")
    return get_object_or_404(rows, pk=comparison.pk)


def _forget(generation: Generation) -> None:
    lifecycle.forget(Generation.objects.filter(pk=generation.pk))
