"""How a run begins and ends: the only module that creates, finishes and accounts Generations."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import redis
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import APIKey, User
from inference import admission, key_limits, queue
from inference import parameters as sampling
from inference.ask import Ask, with_system_prompt
from inference.models import AIModel, Generation, RunImage, UsageLog
from inference.token_log import Ended, TokenLog
from inference.token_log.events import event_id
from inference.token_log.writer import EMBEDDED_SECONDS, ENDED_SECONDS

STOP_CHANNEL = "parley:stop"
MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and what it produced until then."""

    status: Generation.Status
    reason: Generation.Reason
    text: str = ""
    error: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Tokens of the prompt that had not to be evaluated again."""
    completion_tokens: int = 0
    tokens: tuple[int, ...] = ()
    """Those of the answer, where they are known."""
    thought: str = ""
    """What the model thought before it answered."""
    thinking_seconds: float | None = None
    """From its first token to the end of its thoughts."""
    first_token_at: datetime | None = None

    @classmethod
    def failed(
        cls, error: str, reason: Generation.Reason = Generation.Reason.ERROR, **produced: Any
    ) -> "Outcome":
        return cls(Generation.Status.FAILED, reason, error=error, **produced)


Listener = Callable[[Generation, Outcome], None]
_listeners: list[Listener] = []


def on_finish(listener: Listener) -> None:
    """Have `listener` called with each finished run and how it ended, in the same transaction."""
    _listeners.append(listener)


@transaction.atomic
def submit(
    user: User,
    model: AIModel,
    ask: Ask,
    parameters: Mapping[str, Any],
    source: Generation.Source,
    sibling_of: Generation | None = None,
    api_key: APIKey | None = None,
    answers: int = 1,
) -> Generation:
    """Queue a run; its worker is told when the transaction commits. Raises QueueFull, or Problem
    for what its key may not ask for.

    The model's system prompt goes first unless the messages have one. `sibling_of` is the first
    run of the same request: the prompt, which is the same, is accounted with that one only.
    `answers` are those of the request that are still to be queued, this one included: where the
    key has tokens left for shorter ones only, they get the same share.
    Raises ParameterError for a sampling parameter that is unknown or out of range.
    """
    resolved = sampling.resolved(model.own_parameters, parameters)
    messages, public = with_system_prompt(model, ask)
    prompt_tokens = 0 if sibling_of else admission.estimated_tokens(model, ask)
    admission.check_room(user, model, prompt_tokens)
    if api_key:
        most = key_limits.longest_answer(api_key, model, ask.kind, prompt_tokens, answers)
        if most is not None:
            resolved["max_tokens"] = min(resolved["max_tokens"], most)
    generation = Generation.objects.create(
        user=user,
        model=model,
        source=source,
        api_key=api_key,
        kind=ask.kind,
        messages=messages,
        public_messages=public,
        prompt=ask.text,
        tools=ask.tools,
        begun=ask.begun,
        prompt_tokens=prompt_tokens,
        sibling_of=sibling_of,
        parameters=resolved,
        has_images=bool(ask.images),
    )
    if ask.images:
        images = [
            RunImage(generation=generation, number=number, data=data)
            for number, data in enumerate(ask.images)
        ]
        RunImage.objects.bulk_create(images)
    transaction.on_commit(lambda: queue.announce(model))
    return generation


def stop(generation: Generation) -> None:
    """End a live run: one that waits at once, one that runs within a step of its engine."""
    with suppress(redis.RedisError):  # without its log, whoever takes it up again ends it
        if _finish_waiting(generation):
            return
    Generation.objects.filter(pk=generation.pk, status__in=Generation.LIVE).update(
        stop_requested=True
    )
    transaction.on_commit(lambda: _publish_stop(generation.pk))


def stop_disallowed() -> None:
    """Stop what goes on for users who were deactivated, and for API keys that were revoked or have
    expired, whatever way that came about."""
    unusable = APIKey.objects.unusable().values("pk")
    disallowed = Q(user__is_active=False) | Q(api_key__in=unusable)
    for status in Generation.LIVE:  # one by one, as each has an index of its own
        for generation in Generation.objects.filter(
            disallowed, status=status, stop_requested=False
        ):
            with transaction.atomic():
                stop(generation)


def end_stopped() -> None:
    """End what somebody has stopped and no worker has any more: none may come that would."""
    queue.recover()
    for generation in Generation.objects.filter(
        status=Generation.Status.QUEUED, stop_requested=True
    ):
        _finish_waiting(generation)


def forget(generations: QuerySet[Generation]) -> None:
    """Delete ended runs and what they generated; their account stays."""
    ids = list(generations.exclude(status__in=Generation.LIVE).values_list("pk", flat=True))
    Generation.objects.filter(pk__in=ids).delete()
    transaction.on_commit(lambda: _delete_logs(ids))


def forget_deleted(generation_id: UUID) -> None:
    """What was generated of a run after it was deleted, if it was."""
    if not Generation.objects.filter(pk=generation_id).exists():
        _delete_logs([generation_id])


def finish(generation_id: UUID, attempt: int, outcome: Outcome) -> bool:
    """End and account a claimed run. False, and nothing changed, if it was not ours any more."""
    return _finish(generation_id, attempt, Generation.Status.RUNNING, outcome)


def produced(generation: Generation) -> dict[str, Any]:
    """What former attempts of a run have generated, by the names of Outcome.

    Without the prompt's tokens: they have only been estimated, and accounts hold what was counted.
    """
    generated = TokenLog.default().generated(generation.pk) if generation.attempt else []
    seconds = [event.thinking_seconds for event in generated if event.thinking_seconds is not None]
    return {
        "text": "".join(event.text for event in generated),
        "completion_tokens": sum(len(event.ids) for event in generated),
        "tokens": tuple(id for event in generated for id in event.ids),
        "thought": "".join(event.thought for event in generated),
        "thinking_seconds": next(iter(seconds), None),
        "first_token_at": generation.first_token_at,
    }


def _finish_waiting(generation: Generation) -> bool:
    """A waiting run may have been interrupted: what it had generated by then is kept."""
    stopped = (Generation.Status.STOPPED, Generation.Reason.CANCELLED)
    outcome = Outcome(*stopped, **produced(generation))
    return _finish(generation.pk, generation.attempt, Generation.Status.QUEUED, outcome)


@transaction.atomic
def _finish(generation_id: UUID, attempt: int, status: Generation.Status, outcome: Outcome) -> bool:
    changed = Generation.objects.filter(pk=generation_id, attempt=attempt, status=status).update(
        status=outcome.status,
        reason=outcome.reason,
        error=outcome.error,
        prompt_tokens=outcome.prompt_tokens,
        cached_tokens=outcome.cached_tokens,
        completion_tokens=outcome.completion_tokens,
        first_token_at=outcome.first_token_at,
        finished_at=timezone.now(),
        lease_until=None,
        messages=[],
        prompt=None,
        tools={},
        begun=None,
    )
    if not changed:
        return False
    generation = Generation.objects.select_related("model").get(pk=generation_id)
    if generation.has_images:
        generation.images.all().delete()
    _account(generation)
    transaction.on_commit(lambda: _log_end(generation))  # before a listener has it forgotten
    for listener in _listeners:
        listener(generation, outcome)
    return True


def _account(generation: Generation) -> None:
    """The siblings of a run have the same prompt, which is paid for once."""
    model = generation.model
    has_prompt = generation.sibling_of_id is None
    input_tokens = generation.prompt_tokens if has_prompt else 0
    cost = model.input_price * input_tokens
    cost += model.output_price * generation.completion_tokens
    UsageLog.objects.create(
        generation=generation,
        user_id=generation.user_id,
        model=model,
        model_name=model.name,
        api_key_id=generation.api_key_id,
        source=generation.source,
        status=generation.status,
        input_tokens=input_tokens,
        cached_tokens=generation.cached_tokens if has_prompt else 0,
        output_tokens=generation.completion_tokens,
        total_tokens=input_tokens + generation.completion_tokens,
        cost=cost / MILLION,
        duration=generation.seconds or 0.0,
        queue_wait=generation.queue_wait or 0.0,
        time_to_first_token=generation.time_to_first_token,
    )


def _log_end(generation: Generation) -> None:
    """Tell the followers. When Redis is away they learn it from the row."""
    last = event_id(generation.attempt, generation.completion_tokens + 2)
    end = Ended(last, generation.status, generation.reason, generation.error)
    is_embedding = generation.kind == Generation.Kind.EMBEDDING
    with suppress(redis.RedisError):
        TokenLog.default().write(
            [(generation.pk, end)], EMBEDDED_SECONDS if is_embedding else ENDED_SECONDS
        )


def _publish_stop(generation_id: UUID) -> None:
    """The worker that runs it listens; it also looks at the row now and then."""
    with suppress(redis.RedisError):
        TokenLog.default().publish(STOP_CHANNEL, str(generation_id))


def _delete_logs(ids: list[UUID]) -> None:
    """When Redis is away they expire."""
    with suppress(redis.RedisError):
        TokenLog.default().delete(ids)
