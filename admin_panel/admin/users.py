from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms.models import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from accounts import second_factor
from accounts.devices import devices_of, name_of
from accounts.models import APIKey, User
from admin_panel.admin.base import CountingDeletion, PermissionChoice
from admin_panel.admin.filters import DayRangeFilter
from admin_panel.rights import may_view
from conversations.numbers import NOTHING

if TYPE_CHECKING:
    _UserAdmin = auth_admin.UserAdmin[User]
else:
    _UserAdmin = auth_admin.UserAdmin

RANK_FIELDS = ("is_staff", "is_superuser", "groups", "user_permissions")
ACTIVITY_LOOKUPS = ("usage__created_at__gte", "usage__created_at__lt")


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")
        widgets = {"email": UnfoldAdminEmailInputWidget, "name": UnfoldAdminTextInputWidget}
        field_classes = {"email": forms.EmailField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["usable_password"].label = _("Sign in with a password")
        self.fields["usable_password"].help_text = _(
            "Without one, the person gets one by the link “Forgot your password?”."
        )

    def clean_email(self) -> str:
        """Django compares addresses with their case, which the database does not."""
        email: str = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("This address is taken."))
        return email


class EditUserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, type[forms.Field]] = {}


class APIKeyInline(TabularInline):
    """What programs the person has; issuing and revoking have their own page."""

    model = APIKey
    fields = readonly_fields = ["name", "beginning", "is_active", "expires_at", "last_used"]
    extra = 0
    hide_title = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: APIKey | None = None) -> bool:
        return False

    @display(description=_("begins with"))
    def beginning(self, key: APIKey) -> str:
        return f"{key.prefix}…"


@admin.register(User)
class UserAdmin(_UserAdmin, CountingDeletion, PermissionChoice):  # type: ignore[misc]
    """Staff who are not superusers manage ordinary people only: neither superusers, nor anybody's
    rights, address or password, with which they could act as someone else."""

    add_form_template = "admin/auth/user/add_form.html"
    add_form = NewUserForm
    form = EditUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "name", "is_active", "is_staff", "last_login", "created_at"]
    list_filter = ["is_active", "is_staff", "is_superuser", ("created_at", DayRangeFilter)]
    list_filter_submit = True
    search_fields = ["email", "name"]
    ordering = ["-created_at"]
    actions = ["deactivate", "activate", "reset_second_factor"]
    actions_detail = ["usage", "issue_key"]
    filter_horizontal = ["groups", "user_permissions"]
    readonly_fields = ["second_factor", "signed_in", "last_login", "created_at"]
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "is_active")}),
        (_("Signing in"), {"fields": ("second_factor", "signed_in")}),
        (_("Rights"), {"fields": RANK_FIELDS}),
        (_("Dates"), {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )
    inlines = [APIKeyInline]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if request.user.is_superuser:
            return self.readonly_fields
        locked = [*RANK_FIELDS, "email"] if obj else [*RANK_FIELDS]
        return [*self.readonly_fields, *locked]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or request.user.is_superuser:
            return fieldsets
        (title, options), *others = fieldsets
        fields = tuple(name for name in options["fields"] if name != "password")
        return ((title, {**options, "fields": fields}), *others)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            super().has_delete_permission(request, obj)
            and _may_touch(request, obj)
            and obj != request.user
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """People are deleted one by one, on purpose."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """The overview links to those who were active in some time."""
        return lookup in ACTIVITY_LOOKUPS or super().lookup_allowed(lookup, value, request)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def save_form(self, request: HttpRequest, form: "ModelForm[User]", change: bool) -> User:
        user: User = super().save_form(request, form, change)
        if user.pk == request.user.pk and not user.is_active:
            user.is_active = True
            self.message_user(request, _("You can't deactivate yourself."), messages.WARNING)
        return user

    # The theme looks a permission with a dot up in the database whenever Django checks the
    # project, also before there are any tables.
    def has_see_usage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_view(request, "inference", "usagelog")

    def has_issue_key_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    @action(description=_("Usage"), icon="bar_chart", permissions=["see_usage"])
    def usage(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _to("admin:inference_usagelog_changelist", user__id__exact=object_id)

    @action(description=_("New API key"), icon="key", permissions=["issue_key"])
    def issue_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _to("admin:accounts_apikey_add", user=object_id)

    @action(description=_("Deactivate"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._switch(request, queryset.exclude(email=request.user.get_username()), active=False)

    @action(description=_("Activate"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._switch(request, queryset, active=True)

    @action(description=_("Turn two-factor authentication off"), permissions=["issue_key"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For people who have lost their phone and their recovery codes."""
        people = [user for user in queryset if second_factor.is_on(user)]
        for user in people:
            second_factor.reset(user)
            self.log_change(request, user, [{"changed": {"fields": [str(_("second factor"))]}}])
        message = ngettext(
            "%d user signs in with the password alone now.",
            "%d users sign in with the password alone now.",
            len(people),
        )
        self.message_user(request, message % len(people), messages.SUCCESS)

    @display(description=_("two-factor authentication"), boolean=True)
    def second_factor(self, user: User) -> bool:
        return second_factor.is_on(user)

    @display(description=_("signed in on"))
    def signed_in(self, user: User) -> str:
        return ", ".join(name_of(device) for device in devices_of(user)) or NOTHING

    def _switch(self, request: HttpRequest, queryset: QuerySet[User], *, active: bool) -> None:
        people = [user for user in queryset if self.has_change_permission(request, user)]
        for user in people:
            user.is_active = active
            user.save(update_fields=["is_active"])
            self.log_change(request, user, [{"changed": {"fields": [str(_("active"))]}}])
        if active:
            message = ngettext("%d user is active.", "%d users are active.", len(people))
        else:
            message = ngettext(
                "%d user is deactivated: signed out, and keys refused.",
                "%d users are deactivated: signed out, and keys refused.",
                len(people),
            )
        self.message_user(request, message % len(people), messages.SUCCESS)


def _may_touch(request: HttpRequest, user: Any) -> bool:
    return request.user.is_superuser or not (isinstance(user, User) and user.is_superuser)


def _to(page: str, **query: str) -> HttpResponse:
    return redirect(f"{reverse(page)}?{urlencode(query)}")
