from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from admin_panel.admin.base import RowsOnly
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.figures import moment
from conversations.models import Inspection


@admin.register(Inspection)
class InspectionAdmin(RowsOnly):
    """Who has looked at tokens of answers, and when. The tokens are the answers' text."""

    private = ("message", "tokens", "generation")
    list_display = ["user", "kind", "error", "created"]
    list_select_related = ["user"]
    list_filter = ["kind", ("created_at", DayRangeFilter)]
    search_fields = ["user__email", "user__name"]
    search_help_text = _("Name or email address")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Inspection]:
        inspections: QuerySet[Inspection] = super().get_queryset(request)
        return inspections.defer("tokens")

    @display(description=_("created"), ordering="created_at")
    def created(self, inspection: Inspection) -> str:
        return moment(inspection.created_at)
