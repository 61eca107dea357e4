from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from admin_panel.admin.base import CountingDeletion
from admin_panel.admin.downloads import DownloadPages
from admin_panel.admin.model_form import SAMPLING, AIModelForm
from conversations.numbers import number
from inference import gguf, presence, registry
from inference.models import AIModel
from inference.vision import NOT_BUILT

STATE_COLOURS = {
    "ready": "success",
    "loading": "info",
    "stopping": "info",
    "failed": "danger",
    "absent": None,
}


@admin.register(AIModel)
class AIModelAdmin(DownloadPages, CountingDeletion):
    form = AIModelForm
    list_filter = ["is_active", "provider", "model_type"]
    list_select_related = ["provider", "model_type"]
    search_fields = ["name", "display_name", "path"]
    actions = ["make_default", "activate", "deactivate"]
    actions_list = ["download"]
    readonly_fields = ["is_default", "state_now", "file_says", "images", "created_at"]
    fieldsets = [
        (None, {"fields": ["name", "display_name", "provider", "model_type", "path", "projector"]}),
        (
            gettext_lazy("Use"),
            {
                "fields": [
                    "is_active",
                    "is_default",
                    "writes_titles",
                    "state_now",
                    "file_says",
                    "images",
                ]
            },
        ),
        (gettext_lazy("Limits"), {"fields": ["context_window", "max_tokens", "slots"]}),
        (gettext_lazy("Instructions"), {"fields": ["system_prompt"]}),
        (
            gettext_lazy("Sampling defaults"),
            {
                "fields": [tuple(SAMPLING[i : i + 2]) for i in range(0, len(SAMPLING), 2)],
                "description": gettext_lazy("What is empty comes from the settings."),
            },
        ),
        (gettext_lazy("Price"), {"fields": [("input_price", "output_price")]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: AIModel | None = None) -> Any:
        """Whoever may only look has no form, and so no fields for the single parameters."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        use, limits, instructions, _sampling, price = self.fieldsets[1:]
        sampling = (_("Sampling defaults"), {"fields": ["parameters"]})
        return [self.fieldsets[0], use, limits, instructions, sampling, price]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The states of all rows come from one question to Redis, asked once for each page."""
        states = presence.model_states(presence.workers())

        @display(description=_("state"), label=STATE_COLOURS)
        def state(model: AIModel) -> tuple[str, str]:
            known = states.get(model.pk, presence.ModelState())
            return known.state, describe(known)

        return ["name", "display_name", state, "default", "is_active", "model_type", "path"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        found = super().get_deleted_objects(objs, request)
        if found[3]:
            self.message_user(
                request,
                _("A model that has been used can't be deleted. Deactivate it instead."),
                messages.WARNING,
            )
        return found

    @action(description=gettext_lazy("Make default"), permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[AIModel]) -> None:
        if queryset.count() != 1:
            self.message_user(request, _("Choose one model."), messages.WARNING)
            return
        model = queryset.select_related("provider").get()
        if not (model.is_active and model.provider.is_active):
            message = _("%(model)s or its provider is not active.") % {"model": model}
            self.message_user(request, message, messages.WARNING)
            return
        with transaction.atomic():
            registry.make_default(model)
        self.log_change(request, model, [{"changed": {"fields": [_("default")]}}])
        message = _("New conversations start with %(model)s.") % {"model": model}
        self.message_user(request, message, messages.SUCCESS)

    @action(description=gettext_lazy("Activate"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[AIModel]) -> None:
        self._switch(request, queryset, active=True)

    @action(description=gettext_lazy("Deactivate"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[AIModel]) -> None:
        self._switch(request, queryset, active=False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[AIModel], *, active: bool) -> None:
        for model in queryset:
            model.is_active = active
            model.save(update_fields=["is_active"])
            self.log_change(request, model, [{"changed": {"fields": [_("active")]}}])
        self.message_user(request, _("Done."), messages.SUCCESS)

    @display(description=gettext_lazy("default"), ordering="is_default", label=True)
    def default(self, model: AIModel) -> str:
        return _("default") if model.is_default else ""

    @display(description=gettext_lazy("state"))
    def state_now(self, model: AIModel) -> str:
        return describe(presence.model_state(model.pk)) if model.pk else "–"

    @display(description=gettext_lazy("the file says"))
    def file_says(self, model: AIModel) -> str:
        if not model.path:
            return "–"
        try:
            changed = model.file.stat().st_mtime_ns if model.file.is_file() else 0
            header = _header(model.file, changed)
        except (gguf.GGUFError, OSError) as error:
            return str(error)
        facts = [header.name, header.architecture, header.quantisation, filesizeformat(header.size)]
        if length := header.context_length:
            facts.append(_("%(count)s tokens of context") % {"count": number(length)})
        if not header.has_chat_template:
            facts.append(_("no chat template"))
        return " · ".join(fact for fact in facts if fact)

    @display(description=gettext_lazy("reads images"))
    def images(self, model: AIModel) -> str:
        if not model.projector:
            return _("no")
        return _("yes") if model.reads_images else str(NOT_BUILT)


def describe(known: presence.ModelState) -> str:
    if known.state == "loading":
        return _("loading, %(percent)d %%") % {"percent": known.progress * 100}
    if known.state == "failed":
        return _("failed: %(error)s") % {"error": known.error}
    if known.state == "stopping":
        return _("being unloaded")
    return _("ready") if known.state == "ready" else _("not loaded")


@lru_cache(maxsize=64)
def _header(file: Path, _changed: int) -> gguf.Header:
    """A large vocabulary takes a moment to pass over."""
    return gguf.read(file)
