from django.urls import path

from conversations.palette import views

urlpatterns = [
    path("palette/", views.palette, name="palette"),
    path("shortcuts/", views.shortcuts, name="shortcuts"),
]
