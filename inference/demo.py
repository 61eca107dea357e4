"""The small models that come with the installation, so that the first chat needs no network."""

from pathlib import Path

from django.conf import settings

from inference.models import AIModel
from inference.registry import DEMO_NAMES, local_provider, stored_path

DEMO_PARAMETERS = {"temperature": 0.3, "repeat_penalty": 1.0}


def ensure_demo_models() -> None:
    """Register those that are there. Whatever an admin has changed stays so."""
    for name in DEMO_NAMES:
        file = settings.DEMO_MODEL_DIR / f"{name}.gguf"
        if file.is_file():
            _ensure(name, file)


def _ensure(name: str, file: Path) -> None:
    model, is_new = AIModel.objects.get_or_create(
        name=name,
        defaults={
            "display_name": name.replace("-", " ").capitalize(),
            "provider": local_provider(),
            "path": stored_path(file),
            "parameters": DEMO_PARAMETERS,
            # Asked for a title, they go on about themselves: the first words are better.
            "writes_titles": False,
            "is_default": not AIModel.objects.filter(is_default=True).exists(),
        },
    )
    if not is_new and Path(model.path).name == file.name and not model.file.exists():
        model.path = stored_path(file)  # the installation has moved
        model.save(update_fields=["path"])
