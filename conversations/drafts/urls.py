from django.urls import path

from conversations.drafts import views

urlpatterns = [path("drafts/", views.draft, name="draft")]
