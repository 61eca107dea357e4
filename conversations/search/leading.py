"""The way from what was found to where it was said."""

from conversations import actions, thread
from conversations.access import may_write
from conversations.models import Conversation
from conversations.requests import HtmxHttpRequest, number_of


def message_asked_for(request: HtmxHttpRequest, conversation: Conversation) -> int | None:
    """The message that the address names, if it is on the branch that is shown; if it is on
    another one, that is shown from now on, as far as its reader may choose it."""
    number = number_of(request.GET.get("message"))
    if number is None:
        return None
    message = conversation.messages.filter(pk=number).first()
    if message is None or message.pk in thread.branch(conversation.leaf_id):
        return message.pk if message else None
    if not may_write(request.user, conversation):
        return None
    conversation.leaf_id = actions.show(message)
    return message.pk
