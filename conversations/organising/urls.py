from django.urls import path

from conversations.organising import archive_views, views

urlpatterns = [
    path("conversations/", views.conversations, name="conversations"),
    path("c/<uuid:conversation_id>/options/", views.options, name="options"),
    path("c/<uuid:conversation_id>/rename/", views.rename, name="rename"),
    path("c/<uuid:conversation_id>/tags/", views.tags, name="tags"),
    path("c/<uuid:conversation_id>/move/", views.move, name="move"),
    path("c/<uuid:conversation_id>/pin/", views.pin, name="pin"),
    path("c/<uuid:conversation_id>/archive/", views.archive, name="archive"),
    path("c/<uuid:conversation_id>/delete/", views.delete, name="delete"),
    path("c/<uuid:conversation_id>/undelete/", views.undelete, name="undelete"),
    path("archive/", archive_views.archived, name="archived"),
    path("archive/all/", archive_views.archive_all, name="archive-all"),
    path("archive/delete/", archive_views.delete_all, name="delete-all"),
    path("archive/undelete/", archive_views.undelete_all, name="undelete-all"),
]
