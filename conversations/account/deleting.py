"""Deleting an account: its person's chats, projects and all else that they wrote here."""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.devices import end_all
from accounts.models import User
from conversations.comparisons import actions as comparisons
from conversations.models import Comparison, Conversation, Message
from conversations.organising import deleting
from conversations.projects import actions as projects
from inference import lifecycle
from inference.models import Generation


class LastAdministrator(Exception):
    """Nobody could administer the installation any more."""


def delete_account(user: User) -> None:
    """For good. In several transactions, so that nobody else waits for the longest of histories:
    if one fails, what is left can be deleted by the same way. Raises LastAdministrator."""
    _check_is_not_last(user)
    _stop_runs(user)
    for conversation in Conversation.objects.filter(user=user):
        deleting.delete(conversation)
    for comparison in Comparison.objects.filter(user=user):
        comparisons.delete(comparison)
    for project in user.projects.all():
        projects.delete(project)
    _withdraw_words(user)
    _delete_rest(user)


def _stop_runs(user: User) -> None:
    for run in Generation.objects.filter(user=user, status__in=Generation.LIVE):
        with transaction.atomic():
            lifecycle.stop(run)


def _withdraw_words(user: User) -> None:
    """Of what they wrote in others' chats only the place remains, as answers follow it."""
    theirs = Message.objects.filter(author=user, role=Message.Role.USER)
    theirs.update(content=_("(This was deleted together with the account of its writer.)"))


@transaction.atomic
def _delete_rest(user: User) -> None:
    """With the row go those that point to it: keys, sessions, second factors, prompts, usage."""
    ContentType.objects.select_for_update().get(app_label="accounts", model="user")
    _check_is_not_last(user)
    end_all(user)
    lifecycle.forget(Generation.objects.filter(user=user))
    user.delete()


def _check_is_not_last(user: User) -> None:
    """As in accounts.setup, whoever asks at the same time waits for a row that is always there."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        raise LastAdministrator
