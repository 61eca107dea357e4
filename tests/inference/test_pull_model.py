import fcntl
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from inference.models import AIModel
from tests.inference.hub_server import CONTENT, FILENAME, REPO, Hub, hub_server, point_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_dir")]


def pull(*options: str) -> AIModel:
    call_command("pull_model", REPO, FILENAME, *options)
    return AIModel.objects.get()


def partials(folder: Path) -> list[Path]:
    return list(folder.rglob("*.partial"))


def test_it_downloads_and_registers(
    hub: Hub, models_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = pull()

    assert model.name == "tiny-1-5b-q8_0"
    assert model.path == f"{REPO}/{FILENAME}"
    assert model.file.read_bytes() == CONTENT
    assert not partials(models_dir)
    printed = capsys.readouterr()
    assert "100 % of 0 MB" in printed.err
    assert printed.out.startswith("Added tiny-1-5b-q8_0: llama")


def test_it_takes_a_name(hub: Hub) -> None:
    assert pull("--name", "mine").name == "mine"


def test_the_first_real_model_becomes_the_default(hub: Hub, model: AIModel) -> None:
    AIModel.objects.update(name="parley-demo")

    call_command("pull_model", REPO, FILENAME)

    assert AIModel.objects.get(is_default=True).name == "tiny-1-5b-q8_0"


def test_another_real_model_does_not(hub: Hub, model: AIModel) -> None:
    call_command("pull_model", REPO, FILENAME)

    assert AIModel.objects.get(is_default=True) == model


def test_it_goes_on_where_it_broke_off(hub: Hub, models_dir: Path) -> None:
    hub.break_after = 20_000
    with pytest.raises(CommandError, match="reached"):
        pull()
    there = partials(models_dir)[0].stat().st_size
    assert 20_000 <= there < len(CONTENT)
    assert not AIModel.objects.exists()

    hub.break_after, hub.ranges = None, []
    model = pull()

    assert hub.ranges == [f"bytes={there}-"]
    assert model.file.read_bytes() == CONTENT


def test_a_file_that_is_there_is_not_downloaded_again(hub: Hub) -> None:
    pull()
    hub.ranges = []

    pull()

    assert hub.ranges == []


def test_a_damaged_file_is_thrown_away(hub: Hub, models_dir: Path) -> None:
    hub.damaged = True

    with pytest.raises(CommandError, match="damaged"):
        pull()

    assert not partials(models_dir)
    assert not (models_dir / REPO / FILENAME).exists()


def test_one_process_at_a_time(hub: Hub, models_dir: Path) -> None:
    pull()
    (models_dir / REPO / FILENAME).unlink()
    [lock] = models_dir.rglob("lock")

    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="another process"):
            pull()


def test_a_file_that_is_no_model_is_not_registered(hub: Hub) -> None:
    hub.files[f"{REPO}/{FILENAME}"] = b"no model at all"

    with pytest.raises(CommandError, match="GGUF format"):
        pull()

    assert not AIModel.objects.exists()


def test_without_a_network_it_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with hub_server() as closed:
        url = closed.url
    point_at(url, monkeypatch)

    with pytest.raises(CommandError) as caught:
        pull()

    assert "can't be reached" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not AIModel.objects.exists()


@pytest.mark.parametrize(
    ("repo", "filename", "complaint"),
    [
        (REPO, "other.gguf", "has no file other.gguf"),
        (REPO, "readme.md", r"ends in \.gguf"),
        (REPO, "../../escape.gguf", "not valid"),
        ("../up", FILENAME, "not valid"),
        ("/etc", FILENAME, "not valid"),
        ("no spaces allowed", FILENAME, "not a valid repository"),
        ("", FILENAME, "not valid"),
    ],
)
def test_it_refuses(repo: str, filename: str, complaint: str, hub: Hub) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("pull_model", repo, filename)

    assert not AIModel.objects.exists()
