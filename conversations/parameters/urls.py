from django.urls import path

from conversations.parameters import views

urlpatterns = [
    path("parameters/", views.of_beginning, name="beginning_parameters"),
    path(
        "c/<uuid:conversation_id>/parameters/",
        views.of_conversation,
        name="conversation_parameters",
    ),
    path("c/<uuid:conversation_id>/parameters/next/", views.of_next, name="next_parameters"),
]
