from django.urls import include, path

from conversations import views

urlpatterns = [
    path("", views.home, name="home"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("session/", views.session, name="session"),
    path("account/", include("conversations.account.urls")),
    path("", include("conversations.messages.urls")),
    path("", include("conversations.organising.urls")),
    path("", include("conversations.inspection.urls")),
    path("", include("conversations.parameters.urls")),
    path("compare/", include("conversations.comparisons.urls")),
    path("", include("conversations.search.urls")),
    path("", include("conversations.palette.urls")),
    path("", include("conversations.drafts.urls")),
    path("", include("conversations.sharing.urls")),
    path("", include("conversations.files.urls")),
    path("", include("conversations.projects.urls")),
    path("", include("conversations.prompts.urls")),
]
