"""What people think of answers: for whoever runs the platform, who sees it without the message."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from conversations import notices
from conversations.models import Feedback, Message
from conversations.refusals import Refused


@transaction.atomic
def rate(user: User, answer: Message, rating: int, reason: str = "", comment: str = "") -> Feedback:
    """Anew, whatever the user thought of it before. Raises Refused for what is no answer yet."""
    if answer.role != Message.Role.ASSISTANT or answer.status in ("queued", "streaming"):
        raise Refused(_("Only an answer that has ended can be rated."))
    said = {"rating": rating, "reason": reason, "comment": comment.replace("\0", "")}
    feedback, _is_new = Feedback.objects.update_or_create(message=answer, user=user, defaults=said)
    notices.feedback_changed(user, answer)
    return feedback


@transaction.atomic
def withdraw(user: User, answer: Message) -> None:
    Feedback.objects.filter(message=answer, user=user).delete()
    notices.feedback_changed(user, answer)
