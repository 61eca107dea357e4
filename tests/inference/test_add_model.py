from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inference import vision
from inference.models import AIModel
from tests.inference.gguf_files import MODEL, PROJECTOR, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_dir")]


def add(name: str, file: Path, *options: Any) -> AIModel:
    call_command("add_model", name, "--path", str(file), *options)
    return AIModel.objects.get(name=name)


def test_it_registers_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "tiny.gguf")

    model = add("tiny", file, "--ctx", "256", "--slots", "4", "--display-name", "My model")

    assert model.file == file
    assert (model.context_window, model.slots, str(model)) == (256, 4, "My model")
    assert capsys.readouterr().out.startswith("Added tiny: llama, Q8_0, 0.0 MB, trained for 512")


def test_it_takes_the_display_name_from_the_file(tmp_path: Path) -> None:
    assert str(add("tiny", write(tmp_path / "tiny.gguf"))) == "Tiny"


def test_it_keeps_a_path_in_the_models_folder_relative(models_dir: Path) -> None:
    model = add("tiny", write(models_dir / "some" / "tiny.gguf"))

    assert model.path == "some/tiny.gguf"
    assert model.file == models_dir / "some" / "tiny.gguf"


def test_it_updates_the_model_of_that_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add("tiny", write(tmp_path / "one.gguf"), "--ctx", "128", "--display-name", "Mine")

    model = add("tiny", write(tmp_path / "two.gguf"), "--slots", "2")

    assert model.file == tmp_path / "two.gguf"
    assert (model.context_window, model.slots, str(model)) == (128, 2, "Mine")
    assert "Updated tiny" in capsys.readouterr().out


def test_it_sets_the_system_prompt_and_keeps_it(tmp_path: Path) -> None:
    file = write(tmp_path / "tiny.gguf")
    add("tiny", file, "--system-prompt", "Be brief.")

    assert add("tiny", file, "--slots", "2").system_prompt == "Be brief."
    assert add("tiny", file, "--system-prompt", "").system_prompt == ""


def test_it_takes_a_projector_and_keeps_it(models_dir: Path) -> None:
    file, projector = write(models_dir / "tiny.gguf"), write(models_dir / "eye.gguf", PROJECTOR)

    model = add("tiny", file, "--mmproj", str(projector))

    assert (model.projector, model.projector_file) == ("eye.gguf", projector)
    assert add("tiny", file, "--slots", "2").projector == "eye.gguf"


def test_it_tells_when_images_cannot_be_read_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vision, "is_built", lambda: False)
    projector = write(tmp_path / "eye.gguf", PROJECTOR)

    model = add("tiny", write(tmp_path / "tiny.gguf"), "--mmproj", str(projector))

    assert "without support for images" in capsys.readouterr().err
    assert not model.reads_images


@pytest.mark.parametrize(
    ("pairs", "complaint"),
    [
        (MODEL, "no projector for images"),
        (PROJECTOR | {"clip.has_vision_encoder": False}, "no projector for images"),
        (PROJECTOR | {"clip.projector_type": "hunyuanvl"}, "hunyuanvl"),
    ],
)
def test_it_refuses_files_that_are_no_projectors(
    pairs: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    projector = write(tmp_path / "eye.gguf", pairs)

    with pytest.raises(CommandError, match=complaint):
        add("tiny", write(tmp_path / "tiny.gguf"), "--mmproj", str(projector))

    assert not AIModel.objects.exists()


def test_it_does_not_become_the_default(tmp_path: Path, model: AIModel) -> None:
    assert not add("tiny", write(tmp_path / "tiny.gguf")).is_default
    assert AIModel.objects.get(pk=model.pk).is_default


def test_it_becomes_the_default_when_told_so(tmp_path: Path, model: AIModel) -> None:
    assert add("tiny", write(tmp_path / "tiny.gguf"), "--default").is_default
    assert AIModel.objects.filter(is_default=True).count() == 1


def test_it_warns_of_a_missing_chat_template_and_a_long_context(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = {key: MODEL[key] for key in MODEL if key != "tokenizer.chat_template"}

    add("tiny", write(tmp_path / "tiny.gguf", pairs), "--ctx", "4096")

    warnings = capsys.readouterr().err
    assert "no chat template" in warnings
    assert "512 tokens" in warnings


@pytest.mark.parametrize(
    ("name", "options", "complaint"),
    [
        ("not a slug", [], "name:"),
        ("tiny", ["--slots", "0"], "--slots:"),
        ("tiny", ["--slots", "-3"], "--slots:"),
        ("tiny", ["--slots", "1000"], "--slots:"),
        ("tiny", ["--ctx", "1"], "--ctx:"),
    ],
)
def test_it_refuses_bad_values(
    name: str, options: list[str], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("add_model", name, "--path", str(write(tmp_path / "t.gguf")), *options)

    assert not AIModel.objects.exists()


@pytest.mark.parametrize("content", [None, b"", b"no model"])
def test_it_refuses_files_that_are_no_models(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "bad.gguf"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError):
        call_command("add_model", "bad", "--path", str(file))

    assert not AIModel.objects.exists()
