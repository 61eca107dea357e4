"""Which workers there are and what state their models are in, as each reports it to Redis."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import redis
from django.utils import timezone

from accounts.shared_redis import shared_redis
from inference.models import AIModel

KEY = "parley:workers"
ALIVE_SECONDS = 8.0
"""A worker reports several times within this time."""

LEEWAY_SECONDS = 2.0
"""Clocks differ a little, and a row is there a little after the time that it tells."""

State = Literal["absent", "loading", "ready", "stopping", "failed"]
_RANK = {"ready": 4, "loading": 3, "stopping": 2, "failed": 1, "absent": 0}


@dataclass(frozen=True)
class ModelState:
    """`progress` of loading, from 0 to 1. Absent: no worker has it now. Stopping: it is unloaded
    when its answers under way have ended."""

    state: State = "absent"
    progress: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class Files:
    """The models whose files a worker has found, by their ids, and when it looked: in seconds since
    the epoch, 0 if it has not yet."""

    models: list[int] = field(default_factory=list)
    seen_at: float = 0.0


@dataclass(frozen=True)
class WorkerState:
    name: str
    models: dict[int, ModelState] = field(default_factory=dict)
    running: int = 0
    seen_at: float = 0.0
    """Seconds since the epoch."""
    files: Files = field(default_factory=Files)

    def lacks(self, model: AIModel) -> bool:
        """Whether it surely can't serve the model, as it has looked for the file since there is
        such a model, and not found it."""
        is_known = model.created_at.timestamp() < self.files.seen_at - LEEWAY_SECONDS
        return is_known and model.pk not in self.files.models


def report(worker: WorkerState) -> None:
    shared_redis().hset(KEY, worker.name, json.dumps(asdict(worker)))


def leave(name: str) -> None:
    shared_redis().hdel(KEY, name)


def workers() -> list[WorkerState]:
    """Those seen lately. Empty, too, when Redis is away."""
    try:
        reports: dict[str, str] = shared_redis().hgetall(KEY)  # type: ignore[assignment]
    except redis.RedisError:
        return []
    known = [_decode(report) for report in reports.values()]
    return [worker for worker in known if worker.seen_at > _now() - ALIVE_SECONDS]


def model_state(model_id: int) -> ModelState:
    """The best state that any worker has the model in."""
    return model_states(workers()).get(model_id, ModelState())


def model_states(of: list[WorkerState]) -> dict[int, ModelState]:
    """The best state that any of these workers has each of its models in."""
    states = [pair for worker in of for pair in worker.models.items()]
    return dict(sorted(states, key=lambda pair: (_RANK[pair[1].state], pair[1].progress)))


def is_lacked(model: AIModel, of: list[WorkerState]) -> bool:
    """Whether none of these workers has the model's file."""
    return all(worker.lacks(model) for worker in of)


def _decode(report: str) -> WorkerState:
    fields: dict[str, Any] = json.loads(report)
    models = {int(pk): ModelState(**state) for pk, state in fields.pop("models").items()}
    files = Files(**fields.pop("files", {}))
    return WorkerState(models=models, files=files, **fields)


def _now() -> float:
    return timezone.now().timestamp()
