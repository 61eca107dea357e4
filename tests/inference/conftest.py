from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.inference.hub_server import CONTENT, FILENAME, REPO, Hub, hub_server, point_at


@pytest.fixture
def models_dir(tmp_path: Path, settings: Any) -> Path:
    settings.MODELS_DIR = tmp_path / "models"
    return tmp_path / "models"


@pytest.fixture
def hub(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Has one file; what is downloaded goes to models_dir."""
    with hub_server() as hub:
        hub.files[f"{REPO}/{FILENAME}"] = CONTENT
        point_at(hub.url, monkeypatch)
        yield hub
