"""How somebody signs in, and where they are signed in."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from accounts import devices
from conversations import sessions
from conversations.pages import page
from conversations.requests import HtmxHttpRequest, signed_in


@require_GET
@gzip_page
@signed_in
def security(request: HtmxHttpRequest) -> HttpResponse:
    context = {
        "tab": "security",
        "has_password": request.user.has_usable_password(),
        "devices": _devices(request),
        **_authenticators(request),
    }
    return page(request, "account_pages/security.html", context)


@require_POST
@signed_in
def end_session(request: HtmxHttpRequest, device_id: int) -> HttpResponse:
    sessions.end(request.user, device_id)
    messages.success(request, _("That device is signed out."))
    return redirect("account_security")


@require_POST
@signed_in
def end_others(request: HtmxHttpRequest) -> HttpResponse:
    devices.end_others(request, request.user)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("account_security")


def _devices(request: HtmxHttpRequest) -> list[dict[str, Any]]:
    """This one first."""
    devices.note(request)
    key = request.session.session_key
    found = [
        {"row": row, "name": devices.name_of(row), "is_this": row.session_key == key}
        for row in devices.devices_of(request.user)
    ]
    return sorted(found, key=lambda device: not device["is_this"])


def _authenticators(request: HtmxHttpRequest) -> dict[str, Any]:
    rows = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    kinds = {row.type: row for row in rows}
    codes = kinds.get(Authenticator.Type.RECOVERY_CODES)
    return {
        "totp": kinds.get(Authenticator.Type.TOTP),
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "passkeys": [row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
    }
