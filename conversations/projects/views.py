"""The pages of projects."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations.access import project_for
from conversations.dialogs import dialog
from conversations.layers import below
from conversations.models import Project
from conversations.pages import page
from conversations.parameters.forms import ParametersForm
from conversations.projects import actions, fragments, listing
from conversations.projects.forms import ProjectForm
from conversations.prompts.variables import fill
from conversations.requests import HtmxHttpRequest, go, signed_in
from conversations.sidebar import Cursor, zone_of
from inference.models import AIModel

UNPROCESSABLE = 422


@require_GET
@gzip_page
@signed_in
def projects(request: HtmxHttpRequest) -> HttpResponse:
    archived = "archived" in request.GET
    context = {
        "listed": listing.listed(request.user, archived),
        "archived": archived,
        "some_are_archived": listing.listed(request.user, archived=True).exists(),
    }
    return page(request, "projects/projects.html", context)


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def new(request: HtmxHttpRequest) -> HttpResponse:
    form, sampling = _forms(request, None)
    if not (form.is_valid() and sampling.is_valid()):
        return _form_page(request, None, form, sampling)
    made = actions.create(request.user, form.cleaned_data | {"parameters": sampling.parameters})
    return go(request, made.get_absolute_url())


@require_GET
@gzip_page
@signed_in
def project(request: HtmxHttpRequest, project_id: UUID) -> HttpResponse:
    found = project_for(request.user, project_id, "read")
    context = {
        "project": found,
        "access": listing.access_of(request.user, found),
        "member_count": found.members.count(),
        "told_by_prompt": fill(found.prompt.prompt, {}) if found.prompt else "",
        "conversations": _conversations(request, found),
    }
    return page(request, "projects/project.html", context)


@require_GET
@gzip_page
@signed_in
def conversations(request: HtmxHttpRequest, project_id: UUID) -> HttpResponse:
    """Those in the project: asked for by its page when something has changed there, and for those
    after the ones that it shows."""
    found = project_for(request.user, project_id, "read")
    if not request.htmx:
        return project(request, project_id)
    return HttpResponse(_conversations(request, found))


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def edit(request: HtmxHttpRequest, project_id: UUID) -> HttpResponse:
    found = project_for(request.user, project_id, "write")
    form, sampling = _forms(request, found)
    if not (form.is_valid() and sampling.is_valid()):
        return _form_page(request, found, form, sampling)
    actions.change(found, form.cleaned_data | {"parameters": sampling.parameters})
    return go(request, found.get_absolute_url())


@require_POST
@signed_in
def archive(request: HtmxHttpRequest, project_id: UUID) -> HttpResponse:
    actions.archive(project_for(request.user, project_id, "own"))
    return go(request, reverse("projects"))


@require_POST
@signed_in
def unarchive(request: HtmxHttpRequest, project_id: UUID) -> HttpResponse:
    found = project_for(request.user, project_id, "own")
    actions.unarchive(found)
    return go(request, found.get_absolute_url())


@require_http_methods(["GET", "POST"])
@signed_in
def delete(request: HtmxHttpRequest, project_id: UUID) -> HttpResponse:
    found = project_for(request.user, project_id, "own")
    if request.method != "POST":
        return dialog(request, "projects/_delete.html", {"project": found})
    actions.delete(found)
    return go(request, reverse("projects"))


def _conversations(request: HtmxHttpRequest, found: Project) -> str:
    before = Cursor.parse(request.GET.get("before", ""))
    part = listing.part(found, before)
    return fragments.conversations(request.user, found, part, before, zone_of(request.COOKIES))


def _forms(request: HtmxHttpRequest, found: Project | None) -> tuple[ProjectForm, ParametersForm]:
    posted = request.POST if request.method == "POST" else None
    layers = below((found.model if found else None) or AIModel.objects.preferred())
    own = found.parameters if found else {}
    return (
        ProjectForm(request.user, found, posted),
        ParametersForm(posted, own=own, below=layers, prefix="parameters"),
    )


def _form_page(
    request: HtmxHttpRequest, found: Project | None, form: ProjectForm, sampling: ParametersForm
) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else 200
    drawn = fragments.form(request, found, form, sampling)
    if request.htmx and form.is_bound:
        return HttpResponse(drawn, status=status)
    context: dict[str, Any] = {"project": found, "form": drawn}
    if found:
        context["access"] = listing.access_of(request.user, found)
    return page(request, "projects/edit.html", context, status=status)
