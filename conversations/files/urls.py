from django.urls import path

from conversations.files import views

urlpatterns = [
    path("c/<uuid:conversation_id>/export/", views.export, name="export"),
    path("import/", views.import_file, name="import"),
]
