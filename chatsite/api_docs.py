"""The page that tells programmers what they may ask, with nothing from another host."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from chatsite.api import messages, platform, v1
from chatsite.api_reference import Reference


@require_safe
@gzip_page
def docs(request: HttpRequest) -> HttpResponse:
    server = f"{request.scheme}://{request.get_host()}"
    return render(request, "api/docs.html", {"references": references(), "server": server})


@cache
def references() -> list[Reference]:
    return [Reference(api.get_openapi_schema()) for api in (platform, v1, messages)]
