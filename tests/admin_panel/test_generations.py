from collections.abc import Callable
from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import User
from inference.models import Generation, UsageLog

LIST = "/admin/inference/generation/"


def test_figures_of_a_run(admin: Client, run: Callable[..., Generation]) -> None:
    html = admin.get(f"{LIST}{run().pk}/change/").content.decode()

    for figure in ("0.50\xa0s", "0.70\xa0s", "12.5", "1.00\xa0s", "the answer was complete"):
        assert figure in html


def test_nothing_of_a_run_can_be_written(admin: Client, run: Callable[..., Generation]) -> None:
    generation = run()

    assert admin.post(f"{LIST}{generation.pk}/change/", {"status": "failed"}).status_code == 403
    assert admin.post(f"{LIST}{generation.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.get(f"{LIST}add/").status_code == 403


def test_filters(admin: Client, run: Callable[..., Generation]) -> None:
    failed = run(status="failed", reason="error", error="Out of memory.")
    old = run(timedelta(days=3))

    def found(**filters: str) -> list[Generation]:
        return list(admin.get(LIST, filters).context["cl"].queryset)

    assert found(status__exact="failed") == [failed]
    assert found(created_at_to="2026-03-08") == [old]
    assert found(created_at_from="2026-03-08", created_at_to="2026-03-11") == [failed, old]
    assert found(created_at__gte="2026-03-11T12:00:00+00:00") == [failed]
    assert found(q="alice") == [failed, old]
    assert found(q="bob") == []
    assert found(created_at_from="never") == [failed, old]


def test_a_waiting_run_is_stopped_and_accounted(
    admin: Client, run: Callable[..., Generation]
) -> None:
    waiting = run(status="queued", reason="", started_at=None, first_token_at=None)
    done = run()

    admin.post(LIST, {"action": "stop", "_selected_action": [str(waiting.pk), str(done.pk)]})

    waiting.refresh_from_db()
    done.refresh_from_db()
    assert (waiting.status, waiting.reason) == ("stopped", "cancelled")
    assert done.status == "done"
    assert UsageLog.objects.filter(generation=waiting).count() == 1
    assert LogEntry.objects.get().object_id == str(waiting.pk)


def test_a_running_one_is_asked_to_stop(admin: Client, run: Callable[..., Generation]) -> None:
    running = run(status="running", reason="", worker="worker@host", attempt=1)

    admin.post(LIST, {"action": "stop", "_selected_action": [str(running.pk)]})

    running.refresh_from_db()
    assert running.stop_requested


def test_stopping_takes_the_permission(
    staff: Callable[..., Client], run: Callable[..., Generation]
) -> None:
    waiting = run(status="queued")
    client = staff("inference.view_generation")

    client.post(LIST, {"action": "stop", "_selected_action": [str(waiting.pk)]})

    waiting.refresh_from_db()
    assert waiting.status == "queued"


def test_the_name_of_a_user_is_escaped(
    admin: Client, alice: User, run: Callable[..., Generation]
) -> None:
    User.objects.filter(pk=alice.pk).update(name="<script>alert(1)</script>")
    run(status="failed", reason="error", error="<script>alert(2)</script>")

    for page in (LIST, "/admin/", "/admin/inference/usagelog/", "/admin/accounts/user/"):
        assert "<script>alert" not in admin.get(page).content.decode()
