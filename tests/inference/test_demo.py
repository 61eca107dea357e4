from pathlib import Path
from typing import Any

import pytest

from inference.demo import DEMO_PARAMETERS, ensure_demo_models
from inference.models import AIModel
from tests.inference.gguf_files import write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo_dir(tmp_path: Path, settings: Any) -> Path:
    settings.DEMO_MODEL_DIR = tmp_path / "demo_model"
    write(settings.DEMO_MODEL_DIR / "parley-demo.gguf")
    return tmp_path / "demo_model"


def test_it_registers_the_bundled_model(demo_dir: Path) -> None:
    ensure_demo_models()

    model = AIModel.objects.get()
    assert (model.name, str(model), model.is_default) == ("parley-demo", "Parley demo", True)
    assert model.file == demo_dir / "parley-demo.gguf"
    assert model.parameters == DEMO_PARAMETERS


def test_it_registers_the_mini_one_if_it_is_there(demo_dir: Path) -> None:
    write(demo_dir / "parley-demo-mini.gguf")

    ensure_demo_models()

    mini = AIModel.objects.get(name="parley-demo-mini")
    assert (str(mini), mini.is_default) == ("Parley demo mini", False)


def test_it_does_not_replace_the_default(model: AIModel) -> None:
    ensure_demo_models()

    assert not AIModel.objects.get(name="parley-demo").is_default


def test_it_leaves_an_admins_changes_alone(tmp_path: Path) -> None:
    ensure_demo_models()
    elsewhere = str(write(tmp_path / "other.gguf"))
    changes = {
        "is_active": False,
        "is_default": False,
        "display_name": "Ours",
        "parameters": {},
        "path": elsewhere,
    }
    AIModel.objects.update(**changes)

    ensure_demo_models()

    assert AIModel.objects.values(*changes).get() == changes


def test_it_follows_an_installation_that_has_moved(demo_dir: Path, settings: Any) -> None:
    ensure_demo_models()
    settings.DEMO_MODEL_DIR = demo_dir.rename(demo_dir.with_name("moved"))

    ensure_demo_models()

    assert AIModel.objects.get().file == settings.DEMO_MODEL_DIR / "parley-demo.gguf"


def test_it_does_without(demo_dir: Path) -> None:
    (demo_dir / "parley-demo.gguf").unlink()

    ensure_demo_models()

    assert not AIModel.objects.exists()
