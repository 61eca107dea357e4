from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from conversations.forms import Text
from conversations.models import Project, ProjectMember, SystemPrompt
from conversations.projects.actions import prompts_for
from conversations.projects.icons import DEFAULT, ICONS
from inference.models import AIModel

LEVELS = ((ProjectMember.Access.WRITE, _("May write")), (ProjectMember.Access.READ, _("May read")))
LONGEST_DESCRIPTION = 2_000
LONGEST_INSTRUCTIONS = 20_000


class ProjectForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        error_messages={"required": _("A project needs a name.")},
    )
    description = Text(
        label=_("Description"),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For the people in it; models are not told."),
    )
    icon = forms.ChoiceField(
        label=_("Icon"), choices=ICONS, widget=forms.RadioSelect, initial=DEFAULT, required=False
    )
    instructions = Text(
        label=_("Instructions"),
        required=False,
        max_length=LONGEST_INSTRUCTIONS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Every answer in the project follows them, from the next one on."),
    )
    prompt = forms.ModelChoiceField(
        SystemPrompt.objects.none(),
        label=_("Prompt from the library"),
        required=False,
        empty_label=_("None"),
        help_text=_("Comes before the instructions; its variables have their own values."),
    )
    model = forms.ModelChoiceField(
        AIModel.objects.none(),
        label=_("Model"),
        required=False,
        to_field_name="name",
        empty_label=_("The usual one"),
        help_text=_("What new chats in the project start with."),
    )

    def __init__(self, user: User, project: Project | None, *args: Any, **kwargs: Any) -> None:
        if project:
            kwargs["initial"] = {name: getattr(project, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        models = AIModel.objects.usable()
        if project and project.model_id:
            models |= AIModel.objects.filter(pk=project.model_id)
        self.fields["model"].queryset = models  # type: ignore[attr-defined]
        self.fields["prompt"].queryset = prompts_for(user, project)  # type: ignore[attr-defined]

    def clean_icon(self) -> str:
        return self.cleaned_data["icon"] or DEFAULT


class AccessForm(forms.Form):
    access = forms.ChoiceField(
        label=_("Access"),
        choices=LEVELS,
        initial=ProjectMember.Access.WRITE,
    )


class MemberForm(AccessForm):
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        error_messages={"required": _("Write the address of somebody who has an account here.")},
    )
