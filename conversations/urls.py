from django.urls import path

from conversations import views

urlpatterns = [
    path("", views.home, name="home"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/earlier/", views.earlier, name="earlier"),
    path("c/<uuid:conversation_id>/rename/", views.rename, name="rename"),
    path("c/<uuid:conversation_id>/delete/", views.delete, name="delete"),
    path("m/<int:message_id>/text/", views.text, name="text"),
    path("m/<int:message_id>/stop/", views.stop, name="stop"),
    path("m/<int:message_id>/retry/", views.retry, name="retry"),
    path("conversations/", views.conversations, name="conversations"),
    path("session/", views.session, name="session"),
]
