"""Loading and unloading models on the workers, when somebody asks for it."""

from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.shared_redis import shared_redis
from inference.models import AIModel

LOAD_TASK = "inference.load"
LOAD_SECONDS = 60
"""After so long without a worker to take it, a wish to load a model is forgotten."""
UNLOAD_CHANNEL = "parley:unload"


def start(model: AIModel) -> bool:
    """Have one worker load it; nothing happens if it has it. False if none can be told."""
    try:
        current_app.send_task(
            LOAD_TASK, [model.pk], queue=model.queue, expires=LOAD_SECONDS, retry=False
        )
    except OperationalError:
        return False
    return True


def stop(model: AIModel) -> bool:
    """Have all workers unload it. False if none has heard of it."""
    try:
        heard: Any = shared_redis().publish(UNLOAD_CHANNEL, str(model.pk))
    except RedisError:
        return False
    return bool(heard)
