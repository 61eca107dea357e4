from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group

from admin_panel.admin.base import PermissionChoice

admin.site.unregister(Group)  # importing Django's class above has registered it


@admin.register(Group)
class GroupAdmin(PermissionChoice, DjangoGroupAdmin):  # type: ignore[misc]
    """Sets of permissions for staff."""
