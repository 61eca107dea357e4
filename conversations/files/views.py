"""Taking conversations along, and bringing them here."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from conversations import exports, importing, organising
from conversations.access import conversation_for
from conversations.dialogs import dialog
from conversations.importing.conversations import Limits
from conversations.importing.uploads import MOST_BYTES
from conversations.models import Conversation
from conversations.pages import page
from conversations.replies import UNPROCESSABLE
from conversations.requests import HtmxHttpRequest, signed_in

SHOWN = 20
"""Links to what was imported."""


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("The file is empty."),
        },
    )


@require_GET
@signed_in
def export(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "read")
    format = request.GET.get("format")
    if format in exports.ENDINGS:
        return exports.as_file(found, format)
    return dialog(request, "files/_export.html", {"conversation": found})


@require_http_methods(["GET", "POST"])
@signed_in
def import_file(request: HtmxHttpRequest) -> HttpResponse:
    """All conversations of a file, or none."""
    if request.method != "POST":
        return _answer(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _answer(request, form, str(form.errors["file"][0]), status=UNPROCESSABLE)
    try:
        found = importing.read_upload(form.cleaned_data["file"])
    except importing.Unreadable as unreadable:
        return _answer(request, form, str(unreadable), unreadable.place, UNPROCESSABLE)
    return _answer(
        request, ImportForm(), added=organising.import_conversations(request.user, found)
    )


def _answer(
    request: HtmxHttpRequest,
    form: ImportForm,
    problem: str = "",
    place: str = "",
    status: int = 200,
    added: list[Conversation] | None = None,
) -> HttpResponse:
    limits: Limits = importing.UPLOAD
    context = {
        "form": form,
        "problem": problem,
        "place": "" if place in problem else place,
        "count": len(added or []),
        "added": (added or [])[:SHOWN],
        "limits": limits,
        "megabytes": MOST_BYTES // 1024**2,
    }
    html = render_to_string("files/_import.html", context, request)
    if request.htmx:
        return HttpResponse(html, status=status)
    return page(request, "files/import.html", {"form": html}, status=status)
