from django.urls import path

from conversations.projects import members, views

urlpatterns = [
    path("projects/", views.projects, name="projects"),
    path("projects/new/", views.new, name="new_project"),
    path("projects/<uuid:project_id>/", views.project, name="project"),
    path(
        "projects/<uuid:project_id>/conversations/",
        views.conversations,
        name="project_conversations",
    ),
    path("projects/<uuid:project_id>/edit/", views.edit, name="edit_project"),
    path("projects/<uuid:project_id>/archive/", views.archive, name="archive_project"),
    path("projects/<uuid:project_id>/unarchive/", views.unarchive, name="unarchive_project"),
    path("projects/<uuid:project_id>/delete/", views.delete, name="delete_project"),
    path("projects/<uuid:project_id>/members/", members.members, name="project_members"),
    path(
        "projects/<uuid:project_id>/members/<int:user_id>/",
        members.change,
        name="change_member",
    ),
    path(
        "projects/<uuid:project_id>/members/<int:user_id>/remove/",
        members.remove,
        name="remove_member",
    ),
]
