"""What django-unfold is told: name, icon and the sidebar. Imported by the settings."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from admin_panel.rights import may_view


def _asset(path: str) -> Callable[[HttpRequest], str]:
    return lambda _request: static(path)


def _page(title: Any, icon: str, app: str, model: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_changelist"),
        "permission": lambda request: may_view(request, app, model),
    }


def _links(request: HttpRequest) -> list[dict[str, Any]]:
    return [{"title": _("Change password"), "link": reverse("account_change_password")}]


NAVIGATION: list[dict[str, Any]] = [
    {
        "items": [
            {"title": _("Overview"), "icon": "monitoring", "link": reverse_lazy("admin:index")}
        ],
    },
    {
        "title": _("Activity"),
        "items": [
            _page(_("Usage"), "bar_chart", "inference", "usagelog"),
            _page(_("Generations"), "bolt", "inference", "generation"),
            _page(_("Conversations"), "forum", "conversations", "conversation"),
            _page(_("Feedback"), "thumbs_up_down", "conversations", "feedback"),
            _page(_("Comparisons"), "compare_arrows", "conversations", "comparison"),
            _page(_("Inspections"), "troubleshoot", "conversations", "inspection"),
            _page(_("Shared links"), "link", "conversations", "sharedlink"),
            _page(_("Drafts"), "edit_note", "conversations", "draft"),
            _page(_("Tags"), "sell", "conversations", "tag"),
            _page(_("Projects"), "folder", "conversations", "project"),
            _page(_("Project members"), "group", "conversations", "projectmember"),
            _page(_("Prompts"), "format_quote", "conversations", "systemprompt"),
        ],
    },
    {
        "title": _("Models"),
        "items": [
            _page(_("Models"), "neurology", "inference", "aimodel"),
            _page(_("Types"), "category", "inference", "aitype"),
            _page(_("Providers"), "dns", "inference", "aiprovider"),
        ],
    },
    {
        "title": _("People"),
        "items": [
            _page(_("Users"), "person", "accounts", "user"),
            _page(_("Groups"), "group", "auth", "group"),
            _page(_("API keys"), "key", "accounts", "apikey"),
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Parley admin"),
    "SITE_HEADER": "Parley",
    "SITE_SUBHEADER": _("Administration"),
    "SITE_ICON": _asset("favicon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _asset("favicon.svg")}],
    "STYLES": [_asset("admin_panel/admin.css")],
    "SCRIPTS": [_asset("admin_panel/theme.js")],
    "BORDER_RADIUS": "6px",
    "DASHBOARD_CALLBACK": "admin_panel.dashboard.add_figures",
    "ACCOUNT": {"navigation": _links},
    "SIDEBAR": {"navigation": NAVIGATION},
}
