"""Who may see a project, and what they may do there."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from conversations.access import Right, project_for
from conversations.dialogs import dialog
from conversations.models import Project, ProjectMember
from conversations.pages import page
from conversations.people import NobodyThere, TooManyMisses
from conversations.projects import actions, listing
from conversations.projects.forms import LEVELS, AccessForm, MemberForm
from conversations.requests import HtmxHttpRequest, go, signed_in

UNPROCESSABLE, TOO_MANY = 422, 429


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def members(request: HtmxHttpRequest, project_id: UUID) -> HttpResponse:
    right: Right = "own" if request.method == "POST" else "read"
    project = project_for(request.user, project_id, right)
    form = MemberForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, project, form, UNPROCESSABLE if form.is_bound else 200)
    try:
        actions.add_member(project, form.cleaned_data["email"], form.cleaned_data["access"])
    except NobodyThere as error:
        form.add_error("email", str(error))
        return _page(request, project, form, UNPROCESSABLE)
    except TooManyMisses as error:
        form.add_error("email", str(error))
        return _page(request, project, form, TOO_MANY)
    return go(request, _address(project))


@require_POST
@signed_in
def change(request: HtmxHttpRequest, project_id: UUID, user_id: int) -> HttpResponse:
    project = project_for(request.user, project_id, "own")
    member = get_object_or_404(project.members.select_related("project"), user__pk=user_id)
    form = AccessForm(request.POST)
    if not form.is_valid():
        return _page(request, project, MemberForm(), UNPROCESSABLE)
    actions.set_access(member, form.cleaned_data["access"])
    return go(request, _address(project))


@require_http_methods(["GET", "POST"])
@signed_in
def remove(request: HtmxHttpRequest, project_id: UUID, user_id: int) -> HttpResponse:
    """Owners remove others; members leave."""
    member = member_to_remove(request.user, project_id, user_id)
    leaves = member.user_id == request.user.pk
    if request.method != "POST":
        return dialog(request, "projects/_remove.html", {"member": member, "leaves": leaves})
    actions.remove_member(member)
    return go(request, reverse("projects") if leaves else _address(member.project))


def member_to_remove(user: User, project_id: UUID, user_id: int) -> ProjectMember:
    right: Right = "read" if user_id == user.pk else "own"
    project = project_for(user, project_id, right)
    member = project.members.select_related("user", "project").filter(user__pk=user_id).first()
    if member is None:
        raise Http404
    return member


def _address(project: Project) -> str:
    return reverse("project_members", args=[project.pk])


def _page(
    request: HtmxHttpRequest, project: Project, form: MemberForm, status: int = 200
) -> HttpResponse:
    context = {
        "project": project,
        "members": project.members.select_related("user"),
        "access": listing.access_of(request.user, project),
        "levels": LEVELS,
        "form": form,
    }
    return page(request, "projects/members.html", context, status=status)
