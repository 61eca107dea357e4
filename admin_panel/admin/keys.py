from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.db.models.fields.related import ForeignKey
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from accounts.models import APIKey, User

STATE_COLOURS = {"active": "success", "revoked": "danger", "expired": "warning"}


@admin.register(APIKey)
class APIKeyAdmin(ModelAdmin):
    """Keys are issued and revoked, never changed. A key acts as its user, so only superusers
    issue one for somebody else."""

    list_display = ["name", "beginning", "user", "state", "expires_at", "last_used", "created_at"]
    list_select_related = ["user"]
    list_filter = ["is_active"]
    search_fields = ["name", "prefix", "user__email"]
    search_help_text = _("The key's name or beginning, or its user's email address")
    fields = ["name", "beginning", "user", "state_now", "expires_at", "last_used", "created_at"]
    readonly_fields = fields
    autocomplete_fields = ["user"]
    actions = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: APIKey | None = None) -> list[str]:
        return self.fields if obj else ["user", "name", "expires_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: APIKey | None = None) -> list[str]:
        return self.readonly_fields if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": str(request.user.pk), **super().get_changeform_initial_data(request)}

    def get_form(
        self, request: HttpRequest, obj: APIKey | None = None, change: bool = False, **kwargs: Any
    ) -> "type[ModelForm[APIKey]]":
        form: type[ModelForm[APIKey]] = super().get_form(request, obj, change, **kwargs)
        if "expires_at" in form.base_fields:
            form.base_fields["expires_at"].help_text = _("Empty: never.")
        return form

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the one way on that leads to the page with the secret."""
        ways = {"show_save_and_continue": False, "show_save_and_add_another": False}
        response: HttpResponse = super().add_view(
            request, form_url, {**(extra_context or {}), **ways}
        )
        return response

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return self.autocomplete_fields if request.user.is_superuser else []

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user" and not request.user.is_superuser:
            kwargs["queryset"] = User.objects.filter(email=request.user.get_username())
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "user":
            field.label_from_instance = lambda user: user.email
        return field

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apikey")

    def save_model(
        self, request: HttpRequest, obj: APIKey, form: "ModelForm[APIKey]", change: bool
    ) -> None:
        if change:
            raise PermissionDenied
        key, secret = APIKey.objects.issue(obj.user, obj.name, obj.expires_at)
        obj.pk, obj.prefix = key.pk, key.prefix
        request.issued_secret = secret  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: APIKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The one page that shows the secret: neither a message nor the session ever holds it."""
        page = {
            **self.admin_site.each_context(request),
            "title": _("API key issued"),
            "key": obj,
            "secret": request.issued_secret,  # type: ignore[attr-defined]
            "opts": self.opts,
        }
        return render(request, "admin/key_issued.html", page)

    @action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[APIKey]) -> None:
        keys = list(queryset.filter(is_active=True))
        for key in keys:
            key.is_active = False
            key.save(update_fields=["is_active"])
            self.log_change(request, key, [{"changed": {"fields": [str(_("active"))]}}])
        message = ngettext("%d key is revoked.", "%d keys are revoked.", len(keys))
        self.message_user(request, message % len(keys), messages.SUCCESS)

    @display(description=_("begins with"))
    def beginning(self, key: APIKey) -> str:
        return f"{key.prefix}…"

    @display(description=_("state"))
    def state_now(self, key: APIKey) -> str:
        return str(self.state(key)[1])

    @display(description=_("state"), label=STATE_COLOURS)
    def state(self, key: APIKey) -> tuple[str, Any]:
        if not key.is_active:
            return "revoked", _("revoked")
        if key.expires_at and key.expires_at <= timezone.now():
            return "expired", _("expired")
        return "active", _("active")
