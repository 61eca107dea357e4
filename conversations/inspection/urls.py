from django.urls import path

from conversations.inspection import views

urlpatterns = [
    path("m/<int:message_id>/tokens/", views.tokens, name="tokens"),
    path("m/<int:message_id>/replay/", views.replay, name="replay"),
    path("m/<int:message_id>/branch/", views.branch, name="branch"),
    path("tokens/", views.tokenize, name="tokenize"),
]
