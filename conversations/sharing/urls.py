from django.urls import path, re_path

from conversations.sharing import views

ADDRESS = r"^s/(?P<token>[A-Za-z0-9_-]{20,64})/"

urlpatterns = [
    path("c/<uuid:conversation_id>/share/", views.share, name="share"),
    path("c/<uuid:conversation_id>/share/<int:link_id>/revoke/", views.revoke, name="revoke_link"),
    re_path(rf"{ADDRESS}$", views.shared, name="shared"),
    re_path(rf"{ADDRESS}continue/$", views.take_over, name="take_over"),
]
