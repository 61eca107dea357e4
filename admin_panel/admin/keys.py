from typing import Any

from django.contrib import admin, messages
from django.db.models.fields.related import ForeignKey
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from accounts.models import LIMITS, APIKey, APIKeyQuerySet, User
from admin_panel.admin.key_form import KeyForm

STATE_COLOURS = {"active": "success", "revoked": "danger", "expired": "warning"}


@admin.register(APIKey)
class APIKeyAdmin(ModelAdmin):
    """Keys are issued and revoked; of one that is there, only what it may do is changed. A key acts
    as its user, so only superusers issue one for somebody else."""

    form = KeyForm
    list_display = [
        "name", "beginning", "user", "state", "scope", "expires_at", "last_used", "created_at",
    ]  # fmt: skip
    list_select_related = ["user"]
    list_filter = ["is_active"]
    search_fields = ["name", "prefix", "user__email"]
    search_help_text = _("The key's name or beginning, or its user's email address")
    readonly_fields = [
        "name", "beginning", "user", "issued_by", "state_now", "expires_at", "last_used",
        "created_at",
    ]  # fmt: skip
    restrictions = ["scopes", "models", *LIMITS]
    autocomplete_fields = ["user"]
    actions = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: APIKey | None = None) -> list[str]:
        known = self.readonly_fields if obj else ["user", "name", "expires_at"]
        return [*known, *self.restrictions]

    def get_readonly_fields(self, request: HttpRequest, obj: APIKey | None = None) -> list[str]:
        return self.readonly_fields if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": str(request.user.pk), **super().get_changeform_initial_data(request)}

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

    def has_change_permission(self, request: HttpRequest, obj: APIKey | None = None) -> bool:
        """Who may not issue a key for somebody may not give theirs more rights either."""
        is_ones_own = obj is None or request.user.is_superuser or obj.user_id == request.user.pk
        return is_ones_own and super().has_change_permission(request, obj)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apikey")

    def save_model(
        self, request: HttpRequest, obj: APIKey, form: "ModelForm[APIKey]", change: bool
    ) -> None:
        restrictions = {name: getattr(obj, name) for name in self.restrictions}
        if change:
            obj.save(update_fields=restrictions)
            return
        key, secret = APIKey.objects.issue(obj.user, obj.name, obj.expires_at, **restrictions)
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
    def revoke(self, request: HttpRequest, queryset: APIKeyQuerySet) -> None:
        keys = list(queryset.filter(is_active=True))
        queryset.revoke()
        for key in keys:
            self.log_change(request, key, [{"changed": {"fields": [str(_("active"))]}}])
        message = ngettext("%d key is revoked.", "%d keys are revoked.", len(keys))
        self.message_user(request, message % len(keys), messages.SUCCESS)

    @display(description=_("begins with"))
    def beginning(self, key: APIKey) -> str:
        return f"{key.prefix}…"

    @display(description=_("scopes"))
    def scope(self, key: APIKey) -> str:
        return ", ".join(key.scopes)

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
