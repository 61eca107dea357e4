"""What machines ask about this server."""

from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from inference import presence
from inference.models import AIModel
from inference.presence import ModelState, WorkerState

TIMEOUT_SECONDS = 2.0


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: this process answers. What it depends on is readyz's matter."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Readiness: a message sent now would be answered at once. 503 until all parts are fine."""
    database, redis_answers = _database_answers(), _redis_answers()
    workers = presence.workers() if redis_answers else []
    models = _models(workers) if database and redis_answers else {}
    default = next(iter(models.values()), ModelState())
    parts: dict[str, Any] = {
        "database": {"ok": database},
        "redis": {"ok": redis_answers},
        "worker": {"ok": bool(workers), "workers": len(workers)},
        "model": {"ok": default.state == "ready"},
    }
    ready = all(part["ok"] for part in parts.values())
    parts["models"] = {
        name: {"state": state.state, "progress": round(state.progress, 2)}
        for name, state in models.items()
    }
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    )
    try:
        with client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _models(workers: list[WorkerState]) -> dict[str, ModelState]:
    """The usable models, the default first."""
    models = AIModel.objects.usable().order_by("-is_default", "created_at")
    states = presence.model_states(workers)
    return {model.name: states.get(model.pk, ModelState()) for model in models}
