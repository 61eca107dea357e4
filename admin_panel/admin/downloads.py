"""Downloading a model from a hub: a form, and a list of downloads that keeps itself up to date."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from inference.downloads import download_states, model_name, start_download
from inference.hub import HubError, destination
from inference.models import AIModel
from inference.registry import stored_path


class DownloadForm(forms.Form):
    repo = forms.CharField(
        label=gettext_lazy("Repository"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"placeholder": "Qwen/Qwen2.5-0.5B-Instruct-GGUF"}),
    )
    filename = forms.CharField(
        label=gettext_lazy("File"),
        max_length=300,
        widget=UnfoldAdminTextInputWidget({"placeholder": "qwen2.5-0.5b-instruct-q5_k_m.gguf"}),
    )
    name = forms.SlugField(
        label=gettext_lazy("Name"),
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("The id that programs use. Empty: made from the file's name."),
    )


class DownloadPages(ModelAdmin):
    """The pages, under the list of models, for those who may add one."""

    def get_urls(self) -> list[URLPattern]:
        progress = self.admin_site.admin_view(self.download_progress)
        return [
            path("download/progress/", progress, name="inference_aimodel_download_progress"),
            *super().get_urls(),
        ]

    @action(
        description=gettext_lazy("Download from a hub"),
        url_path="download",
        icon="download",
        permissions=["add"],
        variant=ActionVariant.DEFAULT,
    )
    def download(self, request: HttpRequest) -> HttpResponse:
        form = DownloadForm(request.POST or None)
        if form.is_valid() and self._start(request, form):
            return redirect("admin:inference_aimodel_download")
        page = {
            **self.admin_site.each_context(request),
            "title": _("Download a model"),
            "opts": self.opts,
            "form": form,
            "downloads": download_states(),
        }
        return render(request, "admin/download.html", page)

    def download_progress(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return render(request, "admin/_downloads.html", {"downloads": download_states()})

    def _start(self, request: HttpRequest, form: DownloadForm) -> bool:
        repo, filename = form.cleaned_data["repo"], form.cleaned_data["filename"]
        name = form.cleaned_data["name"] or model_name(filename)
        try:
            path = stored_path(destination(repo, filename))
            if AIModel.objects.filter(name=name).exclude(path=path).exists():
                form.add_error("name", _("There is a model %(name)s already.") % {"name": name})
                return False
            start_download(repo, filename, name)
        except HubError as error:
            form.add_error(None, str(error))
            return False
        message = _("The download goes on in the background; the model is added when it is there.")
        self.message_user(request, message, messages.SUCCESS)
        return True
