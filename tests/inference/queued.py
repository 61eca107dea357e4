"""Runs that wait, that are worked on, and the accounts of some that have ended."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from inference import queue
from inference.models import AIModel, Generation, UsageLog

Status = Generation.Status


def wait(user: User, model: AIModel, age: int) -> Generation:
    """A waiting run that came `age` seconds ago."""
    created = timezone.now() - timedelta(seconds=age)
    return Generation.objects.create(user=user, model=model, created_at=created)


def run(user: User, model: AIModel, worker: str = "w") -> Generation:
    """A run that is being worked on."""
    return Generation.objects.create(
        user=user,
        model=model,
        status=Status.RUNNING,
        worker=worker,
        lease_until=timezone.now() + queue.LEASE,
    )


def serve(
    user: User,
    model: AIModel,
    *,
    prompt: int = 0,
    cached: int = 0,
    generated: int = 0,
    age: int = 60,
    duration: float = 10.0,
) -> None:
    """An account of a run that ended `age` seconds ago and took `duration` seconds."""
    UsageLog.objects.create(
        user=user,
        model=model,
        model_name=model.name,
        source=Generation.Source.CHAT,
        status=Status.DONE,
        input_tokens=prompt,
        cached_tokens=cached,
        output_tokens=generated,
        total_tokens=prompt + generated,
        cost=0,
        duration=duration,
        queue_wait=0.0,
        created_at=timezone.now() - timedelta(seconds=age),
    )
