from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig


class ParleyAdminConfig(SimpleAdminConfig):
    """Django's admin with our site. Only what admin_panel registers is in it: the admin classes
    that other packages bring along are never looked for."""

    default_site = "admin_panel.site.ParleyAdminSite"


class AdminPanelConfig(AppConfig):
    name = "admin_panel"

    def ready(self) -> None:
        import_module("admin_panel.admin")
