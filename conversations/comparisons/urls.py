from django.urls import path

from conversations.comparisons import views

urlpatterns = [
    path("", views.compare, name="compare"),
    path("earlier/", views.earlier, name="earlier_comparisons"),
    path("board/", views.standings, name="comparison_board"),
    path("<uuid:comparison_id>/", views.comparison, name="comparison"),
    path("<uuid:comparison_id>/vote/", views.vote, name="vote"),
    path("<uuid:comparison_id>/stop/", views.stop_all, name="stop_comparison"),
    path("<uuid:comparison_id>/again/", views.again, name="compare_again"),
    path("<uuid:comparison_id>/delete/", views.delete, name="delete_comparison"),
    path("answers/<int:answer_id>/stop/", views.stop, name="stop_compared"),
    path("answers/<int:answer_id>/retry/", views.retry, name="retry_compared"),
    path("answers/<int:answer_id>/carry-on/", views.carry_on, name="carry_on"),
]
