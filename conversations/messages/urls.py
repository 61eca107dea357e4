from django.urls import path

from conversations.messages import tree, views

urlpatterns = [
    path("c/<uuid:conversation_id>/earlier/", views.earlier, name="earlier"),
    path("m/<int:message_id>/text/", views.text, name="text"),
    path("m/<int:message_id>/stop/", views.stop, name="stop"),
    path("m/<int:message_id>/retry/", views.retry, name="retry"),
    path("m/<int:message_id>/continue/", views.go_on, name="continue"),
    path("m/<int:message_id>/details/", views.details, name="details"),
    path("m/<int:message_id>/feedback/", views.feedback, name="feedback"),
    path("m/<int:message_id>/edit/", tree.edit, name="edit"),
    path("m/<int:message_id>/regenerate/", tree.regenerate, name="regenerate"),
    path("m/<int:message_id>/show/", tree.show, name="show"),
]
