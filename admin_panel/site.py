"""The admin site: who gets in, under which content policy, and the page it opens with."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from csp.decorators import csp_replace
from django.contrib import auth
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from admin_panel.policy import CONTENT_SECURITY_POLICY

View = Callable[..., HttpResponseBase]


class ParleyAdminSite(UnfoldAdminSite):
    index_title = _("Overview")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Whoever is signed in but not staff is told nothing, not even that there is an admin."""
        guarded = csp_replace(CONTENT_SECURITY_POLICY)(super().admin_view(view, cacheable))

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, view)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """The site has one place to sign in, with its limits on attempts."""
        wanted = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
            wanted = reverse("admin:index")
        if request.user.is_authenticated:
            return redirect(wanted)
        return redirect_to_login(wanted)

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        auth.logout(request)
        return redirect("account_login")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The colours are in a style sheet, as the policy allows none inside the page."""
        context: dict[str, Any] = super().each_context(request)
        return context | {"colors": {}}
