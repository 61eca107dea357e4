"""How a GGUF file becomes a model that people and programs can choose."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from inference import gguf, vision
from inference.models import AIModel, AIProvider

LOCAL_PROVIDER = "Local"
DEMO_NAMES = ("parley-demo", "parley-demo-mini")
LONGEST_NAME = 100


@dataclass(frozen=True)
class Registered:
    model: AIModel
    header: gguf.Header
    is_new: bool
    warnings: list[str]
    """Sentences for people."""


def register(
    name: str,
    file: Path,
    *,
    context_window: int | None = None,
    slots: int | None = None,
    display_name: str = "",
    system_prompt: str | None = None,
    projector: Path | None = None,
    default: bool = False,
) -> Registered:
    """Add the model, or update the one of that name; what is not given stays as it is.

    Raises gguf.GGUFError for an unusable file and ValidationError for an unusable value.
    """
    header = gguf.read(file)
    if projector:
        gguf.check_projector(projector)
    with transaction.atomic():
        model = AIModel.objects.filter(name=name).first()
        is_new = model is None
        model = model or AIModel(name=name, provider=local_provider())
        model.path = stored_path(file)
        model.projector = stored_path(projector) if projector else model.projector
        model.context_window = model.context_window if context_window is None else context_window
        model.slots = model.slots if slots is None else slots
        model.display_name = display_name or model.display_name or _short(header.name)
        model.system_prompt = model.system_prompt if system_prompt is None else system_prompt
        model.full_clean()
        model.save()
        if default:
            make_default(model)
    return Registered(model, header, is_new, _warnings(model, header))


def make_default(model: AIModel) -> None:
    AIModel.objects.filter(is_default=True).exclude(pk=model.pk).update(is_default=False)
    model.is_default = True
    model.save(update_fields=["is_default"])


def only_demos() -> bool:
    """Whether the first real model is still to come."""
    return not AIModel.objects.exclude(name__in=DEMO_NAMES).exists()


def local_provider() -> AIProvider:
    local = AIProvider.objects.filter(provider_type=AIProvider.Type.LOCAL).order_by("pk").first()
    return local or AIProvider.objects.create(name=LOCAL_PROVIDER)


def stored_path(file: Path) -> str:
    """Relative to MODELS_DIR for a file in it, so that the folder may be elsewhere tomorrow."""
    file = file.resolve()
    if file.is_relative_to(settings.MODELS_DIR):
        return str(file.relative_to(settings.MODELS_DIR))
    return str(file)


def _short(name: str) -> str:
    return name.replace("\0", "").strip()[:LONGEST_NAME]


def _warnings(model: AIModel, header: gguf.Header) -> list[str]:
    warnings = []
    if not header.has_chat_template:
        warnings.append(_("The file has no chat template, so a plain one is used for chats."))
    trained = header.context_length
    if trained and (model.context_window or 0) > trained:
        warnings.append(
            _("The model was trained for %(trained)s tokens of context only.")
            % {"trained": trained}
        )
    if model.projector and not vision.is_built():
        warnings.append(str(vision.NOT_BUILT))
    if not model.is_active:
        warnings.append(_("The model is not active; activate it in the admin."))
    return warnings
