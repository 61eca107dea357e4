"""The API keys of whoever is signed in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods

from accounts import keys as actions
from accounts.models import APIKey
from accounts.problem import Problem
from conversations.account.forms import KeyForm
from conversations.dialogs import dialog
from conversations.pages import page
from conversations.replies import UNPROCESSABLE
from conversations.requests import HtmxHttpRequest, go, signed_in


@require_GET
@gzip_page
@signed_in
def keys(request: HtmxHttpRequest) -> HttpResponse:
    own = request.user.api_keys.filter(is_active=True).select_related("issued_by")
    context = {"tab": "keys", "keys": own, "now": timezone.now()}
    return page(request, "account_pages/keys.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def new(request: HtmxHttpRequest) -> HttpResponse:
    """The answer is the only page that has the secret: neither a message nor the session does."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _form(request, form)
    try:
        key, secret = actions.make(request.user, None, form.restrictions)
    except Problem as problem:
        form.add_error(None, str(problem))
        return _form(request, form)
    context = {"tab": "keys", "key": key, "secret": secret}
    return page(request, "account_pages/key_made.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def revoke(request: HtmxHttpRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.user.api_keys.filter(is_active=True), pk=key_id)
    if request.method != "POST":
        return dialog(request, "account_pages/_revoke.html", {"key": key})
    APIKey.objects.filter(pk=key.pk).revoke()
    messages.success(request, _("“%(name)s” is revoked.") % {"name": key.name})
    return go(request, "/account/keys/")


def _form(request: HtmxHttpRequest, form: KeyForm) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else 200
    context = {"tab": "keys", "form": form}
    return page(request, "account_pages/key_form.html", context, status=status)
