from django.urls import path

from conversations.consumers import ChatConsumer

websocket_urlpatterns = [
    path("ws/", ChatConsumer.as_asgi()),
    path("ws/c/<uuid:conversation_id>/", ChatConsumer.as_asgi()),
]
