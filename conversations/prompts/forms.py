import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from conversations.forms import Text
from conversations.models import SystemPrompt
from conversations.people import NobodyThere, TooManyMisses, person_at
from conversations.prompts.variables import LONGEST_VALUE, MOST, variables_of

LONGEST_PROMPT = 20_000
MOST_TAGS = 10
LONGEST_TAG = 30
MOST_PEOPLE = 100


class TagsField(forms.CharField):
    """Words between commas, in small letters, each once."""

    def clean(self, value: Any) -> list[str]:
        return check_tags(super().clean(value).split(","))


class PeopleField(forms.CharField):
    """Addresses between commas or spaces; PromptForm makes them people."""

    def clean(self, value: Any) -> list[str]:
        addresses = re.split(r"[,;\s]+", super().clean(value).lower())
        return list(dict.fromkeys(filter(None, addresses)))


class PromptForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        error_messages={"required": _("A prompt needs a name.")},
    )
    prompt = Text(
        label=_("Text"),
        strip=False,
        max_length=LONGEST_PROMPT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "{{topic}} in it is a variable: whoever uses the prompt is asked for it. "
            "{{language|English}} has a value already."
        ),
        error_messages={"required": _("A prompt needs a text.")},
    )
    description = forms.CharField(label=_("Description"), required=False, max_length=300)
    tags = TagsField(
        label=_("Tags"), required=False, max_length=400, help_text=_("Between commas.")
    )
    visibility = forms.ChoiceField(
        label=_("Who may use it"),
        choices=SystemPrompt.Visibility.choices,
        initial=SystemPrompt.Visibility.PRIVATE,
        widget=forms.RadioSelect,
    )
    people = PeopleField(
        label=_("People"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text=_("Email addresses of the people you name."),
    )

    def __init__(self, user: User, prompt: SystemPrompt | None, *args: Any, **kwargs: Any) -> None:
        if prompt:
            kwargs["initial"] = {
                **{name: getattr(prompt, name) for name in self.base_fields if name != "people"},
                "tags": ", ".join(prompt.tags),
                "people": ", ".join(person.email for person in prompt.shared_with.all()),
            }
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_prompt(self) -> str:
        return check_variables(self.cleaned_data["prompt"])

    def clean_people(self) -> list[User]:
        """Who is not named to anybody need not be there."""
        if self.cleaned_data.get("visibility") != SystemPrompt.Visibility.SHARED:
            return []
        try:
            return people_at(self.cleaned_data["people"], self._user)
        except (NobodyThere, TooManyMisses) as error:
            raise forms.ValidationError(str(error)) from None

    @property
    def fields_of_prompt(self) -> dict[str, Any]:
        """Once it is valid: those of the row itself."""
        return {name: value for name, value in self.cleaned_data.items() if name != "people"}


class VariablesForm(forms.Form):
    """Asks for the variables of a prompt, all of them optional."""

    prefix = "value"

    def __init__(self, text: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        for number, variable in enumerate(variables_of(text)):
            self.fields[variable.name] = Text(
                label=variable.name.replace("_", " "),
                required=False,
                max_length=LONGEST_VALUE,
                initial=variable.default,
                widget=forms.Textarea(attrs={"rows": 1, "autofocus": number == 0}),
            )


def check_variables(text: str) -> str:
    """Raises ValidationError, with a sentence for people."""
    if len(variables_of(text)) > MOST:
        raise forms.ValidationError(_("At most %(most)d variables.") % {"most": MOST})
    return text


def check_tags(tags: list[str]) -> list[str]:
    """Raises ValidationError, with a sentence for people."""
    tidy = list(dict.fromkeys(filter(None, (" ".join(tag.lower().split()) for tag in tags))))
    if len(tidy) > MOST_TAGS:
        raise forms.ValidationError(_("At most %(most)d tags.") % {"most": MOST_TAGS})
    if any(len(tag) > LONGEST_TAG or set(tag) & set(',"\\\0') for tag in tidy):
        message = _("A tag has at most %(most)d characters, without commas and quotation marks.")
        raise forms.ValidationError(message % {"most": LONGEST_TAG})
    return tidy


def people_at(addresses: list[str], user: User) -> list[User]:
    """But for the user. Raises NobodyThere and TooManyMisses, see people."""
    if len(addresses) > MOST_PEOPLE:
        raise NobodyThere(_("At most %(most)d people.") % {"most": MOST_PEOPLE})
    people = [person_at(address, user) for address in addresses]
    return [person for person in people if person != user]
