from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView
from django.contrib.auth import login
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import second_factor
from accounts.forms import SetupForm
from accounts.setup import become_first_admin, opens_setup


class SignUpView(SignupView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)  # type: ignore[no-any-return]
        except IntegrityError:  # the same address, sent twice at once
            form.add_error("email", get_adapter().validation_error("email_taken"))
            return self.form_invalid(form)  # type: ignore[no-any-return]


@never_cache
@sensitive_post_parameters("password")
def setup(request: HttpRequest, token: str) -> HttpResponse:
    if not opens_setup(token):
        raise Http404
    form = SetupForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/setup.html", {"form": form})
    user = become_first_admin(form.cleaned_data["email"], form.cleaned_data["password"])
    if user is None:
        raise Http404
    if second_factor.is_on(user):
        return redirect("account_login")
    login(request, user)
    return redirect("/")


def to_security(request: HttpRequest) -> HttpResponse:
    """In the place of allauth's own lists of what somebody signs in with."""
    return redirect("account_security")
