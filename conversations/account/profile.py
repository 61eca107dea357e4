"""What somebody is called, and how they like the pages; the first of the account's pages."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST

from accounts import languages
from accounts.forms import ProfileForm
from accounts.models import User
from conversations.pages import page
from conversations.replies import UNPROCESSABLE
from conversations.requests import HtmxHttpRequest, signed_in


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def profile(request: HtmxHttpRequest) -> HttpResponse:
    form = ProfileForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = UNPROCESSABLE if form.is_bound else 200
        return page(
            request, "account_pages/profile.html", {"tab": "profile", "form": form}, status=status
        )
    _save(request.user, form.cleaned_data)
    translation.activate(languages.of_request(request))
    messages.success(request, _("Your profile is saved."))
    response = redirect("account")
    languages.keep(response, request.user.language)
    return response


@require_POST
@signed_in
def theme(request: HtmxHttpRequest) -> HttpResponse:
    """From the buttons that are on every page."""
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme.values:
        return HttpResponse(_("There is no such theme."), status=UNPROCESSABLE)
    _save(request.user, {"theme": chosen})
    return HttpResponse(status=204)


def _save(user: User, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        setattr(user, name, value)
    user.save(update_fields=list(fields))
