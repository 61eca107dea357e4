from django.urls import path

from conversations.prompts import using, versions, views

urlpatterns = [
    path("prompts/", views.prompts, name="prompts"),
    path("prompts/new/", views.new, name="new_prompt"),
    path("prompts/offered/", using.offered, name="offered_prompts"),
    path("prompts/<uuid:prompt_id>/", views.prompt, name="prompt"),
    path("prompts/<uuid:prompt_id>/edit/", views.edit, name="edit_prompt"),
    path("prompts/<uuid:prompt_id>/copy/", views.copy, name="copy_prompt"),
    path("prompts/<uuid:prompt_id>/delete/", views.delete, name="delete_prompt"),
    path("prompts/<uuid:prompt_id>/use/", using.use, name="use_prompt"),
    path("prompts/<uuid:prompt_id>/text/", using.text, name="prompt_text"),
    path("prompts/<uuid:prompt_id>/instruct/", using.instruct, name="instruct"),
    path("prompts/<uuid:prompt_id>/versions/", versions.versions, name="prompt_versions"),
    path(
        "prompts/<uuid:prompt_id>/versions/<int:number>/",
        versions.version,
        name="prompt_version",
    ),
    path(
        "prompts/<uuid:prompt_id>/versions/<int:number>/restore/",
        versions.restore,
        name="restore_prompt_version",
    ),
]
