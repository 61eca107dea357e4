import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from admin_panel.admin.model_form import SAMPLING
from inference import downloads, parameters, presence, vision
from inference.hub import HubError
from inference.models import AIModel, Generation
from tests.inference.gguf_files import PROJECTOR, write

LIST = "/admin/inference/aimodel/"


def form(model: AIModel, **changes: Any) -> dict[str, Any]:
    return {
        "name": model.name,
        "provider": model.provider_id,
        "path": model.path,
        "slots": 4,
        "input_price": 0,
        "output_price": 0,
        "is_active": "on",
        **changes,
    }


def test_a_model_is_added_by_its_file(admin: Client, model: AIModel, gguf: Path) -> None:
    response = admin.post(
        f"{LIST}add/", form(model, name="tiny", path=str(gguf), temperature="0.3", stop="A\nB")
    )

    assert response.status_code == 302
    tiny = AIModel.objects.get(name="tiny")
    assert tiny.file == gguf
    assert tiny.parameters == {"temperature": 0.3, "stop": ["A", "B"]}
    assert not tiny.is_default


def test_a_projector_has_a_model_read_images(
    admin: Client, model: AIModel, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projector = write(gguf.parent / "eye.gguf", PROJECTOR)
    page = f"{LIST}{model.pk}/change/"
    changes = form(model, path=str(gguf), projector=str(projector))
    assert admin.post(page, changes).status_code == 302
    monkeypatch.setattr(vision, "is_built", lambda: True)
    assert AIModel.objects.get(pk=model.pk).reads_images

    monkeypatch.setattr(vision, "is_built", lambda: False)
    assert "installed without support for images" in admin.get(page).content.decode()


def test_a_file_that_is_no_projector_is_refused(admin: Client, model: AIModel, gguf: Path) -> None:
    response = admin.post(f"{LIST}add/", form(model, name="x", path=str(gguf), projector=str(gguf)))

    assert "no projector for images" in response.content.decode()
    assert not AIModel.objects.filter(name="x").exists()


def test_a_relative_path_starts_at_the_folder_of_models(
    admin: Client, model: AIModel, gguf: Path, settings: Any
) -> None:
    settings.MODELS_DIR = gguf.parent

    admin.post(f"{LIST}add/", form(model, name="tiny", path="tiny.gguf"))

    assert AIModel.objects.get(name="tiny").file == gguf


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "There is no file"),
        (b"PK\3\4 a zip file", "not in the GGUF format"),
        (b"GGUF\3\0\0\0", "ends in the middle"),
        (b"", "ends in the middle"),
    ],
)
def test_a_file_that_is_no_model_is_refused_with_a_sentence(
    admin: Client, model: AIModel, tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    file = tmp_path / "file.gguf"
    if content is not None:
        file.write_bytes(content)

    response = admin.post(f"{LIST}add/", form(model, name="tiny", path=str(file)))

    assert complaint in response.content.decode()
    assert not AIModel.objects.filter(name="tiny").exists()


def test_a_model_whose_file_has_gone_can_still_be_switched_off(
    admin: Client, model: AIModel
) -> None:
    changes = form(model)
    del changes["is_active"]

    assert admin.post(f"{LIST}{model.pk}/change/", changes).status_code == 302

    model.refresh_from_db()
    assert not model.is_active


@pytest.mark.parametrize(
    "wrong", [{"temperature": "9"}, {"top_p": "2"}, {"top_k": "-1"}, {"stop": "x\n" * 20}]
)
def test_sampling_defaults_out_of_range_are_refused(
    admin: Client, model: AIModel, gguf: Path, wrong: dict[str, str]
) -> None:
    page = f"{LIST}{model.pk}/change/"

    response = admin.post(page, form(model, path=str(gguf), **wrong))

    [name] = wrong
    assert name in response.context["adminform"].form.errors
    model.refresh_from_db()
    assert model.parameters == {}


def test_sampling_defaults_come_back_into_the_form_and_can_be_emptied(
    admin: Client, model: AIModel
) -> None:
    AIModel.objects.update(parameters={"top_k": 5, "stop": ["A", "B"], "max_tokens": 7})
    page = f"{LIST}{model.pk}/change/"

    html = admin.get(page).content.decode()
    assert 'name="top_k" value="5"' in html
    assert "A\nB</textarea>" in html

    admin.post(page, form(model))
    model.refresh_from_db()
    assert model.parameters == {"max_tokens": 7}  # has no field, so stays


def test_every_parameter_has_a_field() -> None:
    assert {*SAMPLING, "max_tokens"} == set(parameters.CHECKS) - parameters.OF_ONE_ANSWER


def test_whoever_may_only_look_sees_the_parameters_too(
    staff: Callable[..., Client], model: AIModel
) -> None:
    AIModel.objects.update(parameters={"top_k": 5})

    html = staff("inference.view_aimodel").get(f"{LIST}{model.pk}/change/").content.decode()

    assert "top_k" in html
    assert 'name="_save"' not in html


def test_making_one_the_default_leaves_no_other(admin: Client, model: AIModel) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="o.gguf")

    admin.post(LIST, {"action": "make_default", "_selected_action": [other.pk]})

    assert list(AIModel.objects.filter(is_default=True)) == [other]


def test_one_at_a_time_becomes_the_default(admin: Client, model: AIModel) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="o.gguf")

    admin.post(LIST, {"action": "make_default", "_selected_action": [other.pk, model.pk]})

    assert list(AIModel.objects.filter(is_default=True)) == [model]


def test_a_model_out_of_use_does_not_become_the_default(admin: Client, model: AIModel) -> None:
    other = AIModel.objects.create(
        name="other", provider=model.provider, path="o.gguf", is_active=False
    )

    admin.post(LIST, {"action": "make_default", "_selected_action": [other.pk]})

    assert list(AIModel.objects.filter(is_default=True)) == [model]


def test_the_default_can_not_be_set_in_the_form(admin: Client, model: AIModel, gguf: Path) -> None:
    admin.post(f"{LIST}add/", form(model, name="tiny", path=str(gguf), is_default="on"))

    assert list(AIModel.objects.filter(is_default=True)) == [model]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (None, "not loaded"),
        (presence.ModelState("loading", 0.42), "loading, 42 %"),
        (presence.ModelState("ready", 1.0), "ready"),
        (presence.ModelState("failed", 0.0, "not enough memory"), "failed: not enough memory"),
    ],
)
def test_the_list_says_what_each_model_is_doing(
    admin: Client, model: AIModel, state: presence.ModelState | None, text: str
) -> None:
    if state:
        seen = timezone.now().timestamp()
        presence.report(presence.WorkerState("worker@host", {model.pk: state}, 0, seen))

    assert text in admin.get(LIST).content.decode()
    assert text in admin.get(f"{LIST}{model.pk}/change/").content.decode()


def test_the_page_of_a_model_says_what_is_in_its_file(
    admin: Client, model: AIModel, gguf: Path
) -> None:
    AIModel.objects.update(path=str(gguf))

    html = admin.get(f"{LIST}{model.pk}/change/").content.decode()

    assert "Tiny · llama" in html
    assert "no chat template" in html


def test_a_model_that_was_used_is_kept(
    admin: Client, model: AIModel, run: Callable[..., Generation]
) -> None:
    run()
    page = f"{LIST}{model.pk}/delete/"

    assert "Deactivate it instead" in admin.get(page).content.decode()
    admin.post(page, {"post": "yes"})
    assert AIModel.objects.filter(pk=model.pk).exists()


def test_an_unused_model_can_be_deleted(admin: Client, model: AIModel) -> None:
    admin.post(f"{LIST}{model.pk}/delete/", {"post": "yes"})

    assert not AIModel.objects.exists()


class TestDownload:
    PAGE = f"{LIST}download/"
    WANTED = {"repo": "some/Repo-GGUF", "filename": "tiny-q4.gguf"}

    @pytest.fixture
    def started(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
        calls: list[tuple[str, ...]] = []
        monkeypatch.setattr(
            "admin_panel.admin.downloads.start_download", lambda *args: calls.append(args)
        )
        return calls

    def test_starts_in_the_background(self, admin: Client, started: list[tuple[str, ...]]) -> None:
        response = admin.post(self.PAGE, self.WANTED)

        assert response["Location"] == self.PAGE
        assert started == [("some/Repo-GGUF", "tiny-q4.gguf", "tiny-q4")]

    def test_really_reaches_the_workers_queue(self, admin: Client) -> None:
        response = admin.post(self.PAGE, {**self.WANTED, "name": "tiny"}, follow=True)

        assert "waiting for a worker" in response.content.decode()
        assert downloads.download_states()[0].name == "tiny"

    @pytest.mark.parametrize(
        "wrong",
        [{"repo": "../.."}, {"repo": "/etc"}, {"filename": "../../x.gguf"}, {"filename": "x.bin"}],
    )
    def test_a_name_that_leads_elsewhere_is_refused(
        self, admin: Client, started: list[tuple[str, ...]], wrong: dict[str, str]
    ) -> None:
        response = admin.post(self.PAGE, {**self.WANTED, **wrong})

        assert response.status_code == 200
        assert response.context["form"].errors
        assert not started

    def test_does_not_take_another_models_name(
        self, admin: Client, model: AIModel, started: list[tuple[str, ...]]
    ) -> None:
        response = admin.post(self.PAGE, {**self.WANTED, "name": "demo"})

        assert "There is a model demo already." in response.content.decode()
        assert not started

    def test_says_why_it_can_not_start(
        self, admin: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: str) -> None:
            raise HubError("The workers can't be reached just now.")

        monkeypatch.setattr("admin_panel.admin.downloads.start_download", refuse)

        html = admin.post(self.PAGE, self.WANTED).content.decode()

        assert "be reached just now." in html
        assert "some/Repo-GGUF" in html  # what was typed is still there

    def test_its_progress_is_shown(self, admin: Client) -> None:
        report = downloads._report
        report(downloads.DownloadState("a/B", "b.gguf", "b", "running", there=25, total=100))
        report(downloads.DownloadState("a/C", "c.gguf", "c", "failed", error="No such file."))

        html = admin.get(f"{self.PAGE}progress/").content.decode()

        assert 'value="0.250"' in html
        assert "No such file." in html

    def test_takes_the_permission_to_add(self, staff: Callable[..., Client]) -> None:
        client = staff("inference.view_aimodel")

        assert client.post(self.PAGE, self.WANTED).status_code == 403
        assert "download" not in client.get(LIST).content.decode()


@pytest.fixture(autouse=True)
def no_leftovers(settings: Any, tmp_path: Path) -> Any:
    settings.MODELS_DIR = tmp_path
    yield
    shutil.rmtree(tmp_path, ignore_errors=True)
