"""What people do with the prompts of the library."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from conversations.models import Project, SystemPrompt, SystemPromptVersion

Visibility = SystemPrompt.Visibility


@transaction.atomic
def create(user: User, fields: Mapping[str, Any], people: Iterable[User] = ()) -> SystemPrompt:
    prompt = SystemPrompt.objects.create(user=user, **fields)
    prompt.shared_with.set(people)
    prompt.versions.create(number=prompt.version, text=prompt.prompt)
    return prompt


@transaction.atomic
def change(
    prompt: SystemPrompt, fields: Mapping[str, Any], people: Iterable[User] | None = None
) -> SystemPrompt:
    """As it is then. Another text is another version."""
    prompt = SystemPrompt.objects.select_for_update().get(pk=prompt.pk)
    before = prompt.prompt
    for name, value in fields.items():
        setattr(prompt, name, value)
    prompt.updated_at = timezone.now()
    if prompt.prompt != before:
        prompt.version += 1
        prompt.versions.create(number=prompt.version, text=prompt.prompt)
    prompt.save()
    if people is not None:
        prompt.shared_with.set(people)
    _take_back(prompt)
    return prompt


def restore(version: SystemPromptVersion) -> SystemPrompt:
    """What it said then is what it says now: a new version, so that nothing is lost."""
    return change(version.prompt, {"prompt": version.text})


def copy(user: User, prompt: SystemPrompt) -> SystemPrompt:
    """One of one's own, for oneself."""
    fields = ("name", "description", "prompt", "tags")
    return create(user, {name: getattr(prompt, name) for name in fields})


def unpublish(prompt: SystemPrompt) -> None:
    change(prompt, {"visibility": Visibility.PRIVATE})


def _take_back(prompt: SystemPrompt) -> None:
    """Projects of people who may not use it any more do without it, or what it says from now on
    would be told there."""
    if prompt.visibility == Visibility.PUBLIC:
        return
    users = {prompt.user_id}
    if prompt.visibility == Visibility.SHARED:
        users |= set(prompt.shared_with.values_list("pk", flat=True))
    Project.objects.filter(prompt=prompt).exclude(user__in=users).update(prompt=None)
