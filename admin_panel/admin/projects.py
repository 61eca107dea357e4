from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from admin_panel.admin.base import RowsOnly
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.figures import moment
from conversations.models import Project, ProjectMember


@admin.register(Project)
class ProjectAdmin(RowsOnly):
    """Who works together, and how much. What they call it and tell models is theirs."""

    private = ("name", "description", "instructions", "parameters", "prompt", "conversations")
    list_display = ["user", "member_count", "chat_count", "model", "archived", "updated"]
    list_select_related = ["user", "model"]
    list_filter = ["model", ("updated_at", DayRangeFilter)]
    search_fields = ["user__email", "user__name"]
    search_help_text = _("Owner's name or email address")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        projects: QuerySet[Project] = super().get_queryset(request)
        return projects.defer("name", "description", "instructions").annotate(
            member_count=Count("members", distinct=True),
            chat_count=Count("conversations", distinct=True),
        )

    @display(description=_("members"), ordering="member_count")
    def member_count(self, project: Any) -> int:
        return int(project.member_count)

    @display(description=_("conversations"), ordering="chat_count")
    def chat_count(self, project: Any) -> int:
        return int(project.chat_count)

    @display(description=_("archived"), boolean=True)
    def archived(self, project: Project) -> bool:
        return project.archived_at is not None

    @display(description=_("updated"), ordering="updated_at")
    def updated(self, project: Project) -> str:
        return moment(project.updated_at)


@admin.register(ProjectMember)
class ProjectMemberAdmin(RowsOnly):
    """Who may see whose projects."""

    private = ("project",)
    list_display = ["user", "owner", "access", "since"]
    list_filter = ["access"]
    search_fields = ["user__email", "user__name", "project__user__email", "project__user__name"]
    search_help_text = _("Member's or owner's name or email address")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProjectMember]:
        members: QuerySet[ProjectMember] = super().get_queryset(request)
        theirs = ("project__name", "project__description", "project__instructions")
        return members.select_related("user", "project__user").defer(*theirs)

    @display(description=_("owner"), ordering="project__user__email")
    def owner(self, member: ProjectMember) -> str:
        return str(member.project.user)

    @display(description=_("added"), ordering="created_at")
    def since(self, member: ProjectMember) -> str:
        return moment(member.created_at)
