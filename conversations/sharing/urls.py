from django.urls import path, re_path

from conversations.sharing import views

TOKEN = r"(?P<token>[A-Za-z0-9_-]{20,64})"

urlpatterns = [
    path("c/<uuid:conversation_id>/share/", views.share, name="share"),
    path("c/<uuid:conversation_id>/share/<int:link_id>/revoke/", views.revoke, name="revoke_link"),
    re_path(rf"^s/{TOKEN}/$", views.shared, name="shared"),
    re_path(rf"^s/{TOKEN}/continue/$", views.take_over, name="take_over"),
]
