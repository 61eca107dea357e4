from django.contrib import admin
from django.urls import include, path

from chatsite.api import messages, platform, v1
from chatsite.api_docs import docs
from chatsite.health import healthz, readyz

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("v1/", messages.urls),
    path("v1/", v1.urls),
    path("api/v1/docs", docs, name="api_docs"),
    path("api/v1/", platform.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("conversations.urls")),
]
