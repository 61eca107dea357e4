"""The one door to conversations and messages: whoever may not see a row gets 404."""

from uuid import UUID

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from conversations.models import Conversation, Message


def conversation_for(user: User | AnonymousUser, conversation_id: UUID) -> Conversation:
    if not user.is_authenticated:
        raise Http404
    conversation = get_object_or_404(
        Conversation.objects.select_related("model__provider"), pk=conversation_id
    )
    if conversation.user_id != user.pk:
        raise Http404
    return conversation


def message_for(user: User | AnonymousUser, message_id: int) -> Message:
    if not user.is_authenticated:
        raise Http404
    message = get_object_or_404(
        Message.objects.select_related("conversation", "generation__model"), pk=message_id
    )
    if message.conversation.user_id != user.pk:
        raise Http404
    return message


aconversation_for = database_sync_to_async(conversation_for)
