from django.urls import path

from conversations.comparisons.consumers import ComparisonConsumer
from conversations.consumers import ChatConsumer

websocket_urlpatterns = [
    path("ws/", ChatConsumer.as_asgi()),
    path("ws/c/<uuid:conversation_id>/", ChatConsumer.as_asgi()),
    path("ws/compare/<uuid:comparison_id>/", ComparisonConsumer.as_asgi()),
]
