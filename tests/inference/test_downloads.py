import json
import time
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from kombu.exceptions import OperationalError

from inference import downloads
from inference.downloads import (
    DownloadState,
    download_states,
    run,
    start_configured,
    start_download,
)
from inference.hub import HubError
from inference.models import AIModel
from tests.inference.hub_server import CONTENT, FILENAME, REPO, Hub, hub_server, point_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("models_dir")]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "PAUSES", (0, 0))


def permits() -> list[Any]:
    """What the workers have been told: the arguments of each message."""
    client = redis.Redis.from_url(django_settings.REDIS_URL, decode_responses=True)
    messages: Any = client.lrange(downloads.QUEUE, 0, -1)
    return [json.loads(message)["headers"]["argsrepr"] for message in messages]


def wanted() -> DownloadState:
    return DownloadState(REPO, FILENAME, "tiny")


def test_a_worker_is_told() -> None:
    state = start_download(REPO, FILENAME)

    assert (state.state, state.name) == ("waiting", "tiny-1-5b-q8_0")
    assert download_states() == [state]
    assert permits() == [f"['{REPO}', '{FILENAME}', 'tiny-1-5b-q8_0']"]


def test_it_downloads_and_registers(hub: Hub, model: AIModel) -> None:
    AIModel.objects.filter(pk=model.pk).update(name="parley-demo")

    run(wanted())

    [state] = download_states()
    assert (state.state, state.there, state.progress) == ("done", len(CONTENT), 1.0)
    registered = AIModel.objects.get(name="tiny")
    assert registered.file.read_bytes() == CONTENT
    assert registered.is_default


def test_its_progress_can_be_read(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "REPORT_SECONDS", 0.0)
    seen: list[DownloadState] = []
    report = downloads._report

    def watched(state: DownloadState) -> DownloadState:
        seen.extend(download_states())
        return report(state)

    monkeypatch.setattr(downloads, "_report", watched)

    run(wanted())

    running = [state for state in seen if state.state == "running"]
    assert len(running) > 10
    assert 0.4 < running[len(running) // 2].progress < 0.6


def test_one_that_is_under_way_is_joined() -> None:
    downloads._report(DownloadState(REPO, FILENAME, "tiny", "running", 5, 10))

    state = start_download(REPO, FILENAME)

    assert (state.state, state.there) == ("running", 5)
    assert permits() == []


def test_one_whose_worker_was_lost_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    downloads._report(DownloadState(REPO, FILENAME, "tiny", "running", 5, 10))
    later = time.time() + 3600
    monkeypatch.setattr("inference.downloads.time.time", lambda: later)

    start_download(REPO, FILENAME)

    assert len(permits()) == 1


def test_a_failure_that_may_pass_is_tried_again(hub: Hub) -> None:
    class Flaky(dict[str, bytes]):
        def get(self, *_key: Any) -> Any:
            hub.files = files
            raise ConnectionError

    files, hub.files = hub.files, Flaky()

    run(wanted())

    assert download_states()[0].state == "done"


def test_an_error_can_be_read(hub: Hub) -> None:
    run(DownloadState(REPO, "missing.gguf", "tiny"))

    [state] = download_states()
    assert state.state == "failed"
    assert "has no file missing.gguf" in state.error
    assert not AIModel.objects.exists()


def test_without_a_network_it_fails_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with hub_server() as closed:
        url = closed.url
    point_at(url, monkeypatch)

    run(wanted())

    assert "can't be reached" in download_states()[0].error


def test_a_file_that_is_no_model_fails(hub: Hub) -> None:
    hub.files[f"{REPO}/{FILENAME}"] = b"no model"

    run(wanted())

    assert download_states()[0].state == "failed"
    assert not AIModel.objects.exists()


def test_the_configured_model_is_downloaded_at_the_start(hub: Hub, settings: Any) -> None:
    settings.MODEL_REPO, settings.MODEL_FILENAME = REPO, FILENAME

    start_configured()

    assert [state.id for state in download_states()] == [f"{REPO}/{FILENAME}"]
    assert len(permits()) == 1


def test_what_an_admin_made_of_it_stays(hub: Hub, settings: Any) -> None:
    settings.MODEL_REPO, settings.MODEL_FILENAME = REPO, FILENAME
    run(wanted())
    AIModel.objects.update(name="renamed", is_active=False)

    start_configured()
    run(wanted())

    assert permits() == []
    assert [model.name for model in AIModel.objects.all()] == ["renamed"]


def test_it_does_not_take_another_models_name(hub: Hub, model: AIModel) -> None:
    AIModel.objects.update(name="tiny")

    run(wanted())

    assert "There is a model tiny already" in download_states()[0].error
    assert AIModel.objects.get().path == model.path


def test_nothing_configured_nothing_downloaded() -> None:
    start_configured()

    assert permits() == []


def test_what_was_left_unfinished_goes_on(hub: Hub, models_dir: Path) -> None:
    hub.break_after = 50_000
    run(wanted())
    downloads._report(DownloadState(REPO, FILENAME, "tiny", "running", updated_at=0.0))
    hub.break_after, hub.ranges = None, []

    start_configured()
    run(wanted())

    assert hub.ranges == ["bytes=50000-"]
    assert AIModel.objects.get().file.read_bytes() == CONTENT


def test_a_wrong_configuration_does_not_stop_the_start(settings: Any) -> None:
    settings.MODEL_REPO, settings.MODEL_FILENAME = "../..", "x.gguf"

    start_configured()

    assert download_states() == []


def test_it_needs_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("celery.Celery.send_task", fail)

    with pytest.raises(HubError, match="workers"):
        start_download(REPO, FILENAME)
