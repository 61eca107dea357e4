from django.urls import path

from conversations.search import views

urlpatterns = [path("search/", views.search, name="search")]
