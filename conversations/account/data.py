"""Taking one's data along, and leaving."""

from typing import Any

from django.contrib.auth import logout
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations.account.archive import sent, zipped
from conversations.account.contents import files_of
from conversations.account.deleting import LastAdministrator, delete_account
from conversations.account.forms import DeletionForm
from conversations.pages import page
from conversations.replies import CONFLICT, UNPROCESSABLE
from conversations.requests import HtmxHttpRequest, signed_in


@require_GET
@signed_in
def data(request: HtmxHttpRequest) -> HttpResponse:
    return page(request, "account_pages/data.html", {"tab": "data"})


@require_POST
@signed_in
def export(request: HtmxHttpRequest) -> Any:
    name = f"parley-data-{timezone.localdate():%Y-%m-%d}.zip"
    return StreamingHttpResponse(
        sent(zipped(files_of(request.user))),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
@signed_in
def delete(request: HtmxHttpRequest) -> HttpResponse:
    form = DeletionForm(request, request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _form(request, form, UNPROCESSABLE if form.is_bound else 200)
    user = request.user
    try:
        delete_account(user)
    except LastAdministrator:
        return _form(request, form, CONFLICT, is_last=True)
    logout(request)
    return render(request, "account_pages/deleted.html")


def _form(
    request: HtmxHttpRequest, form: DeletionForm, status: int, is_last: bool = False
) -> HttpResponse:
    context = {"tab": "data", "form": form, "is_last": is_last}
    return page(request, "account_pages/delete.html", context, status=status)
