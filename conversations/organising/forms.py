"""What people type, and choose, about whole conversations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from conversations.access import projects_to_write_in
from conversations.models import Conversation, Project
from conversations.organising.tags import TagError, parse

LONGEST_TAGS = 2000


class TitleForm(forms.Form):
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        error_messages={"required": _("A conversation needs a title.")},
    )


class TagsForm(forms.Form):
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=LONGEST_TAGS,
        help_text=_("Separated by commas."),
    )

    def clean_tags(self) -> list[str]:
        try:
            return parse(self.cleaned_data["tags"].split(","))
        except TagError as error:
            raise forms.ValidationError(str(error)) from None


class MoveForm(forms.Form):
    project = forms.ModelChoiceField(
        Project.objects.none(),
        required=False,
        blank=True,
        empty_label=_("No project"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("That project isn’t there any more.")},
    )

    def __init__(self, user: User, conversation: Conversation, data: Any = None) -> None:
        super().__init__(data, initial={"project": conversation.project_id})
        field: Any = self.fields["project"]
        field.queryset = projects_to_write_in(user).order_by("name")


class SwitchForm(forms.Form):
    """On with `on=1`, off without."""

    on = forms.BooleanField(required=False)
