from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from conversations.comparisons.actions import FEWEST, MOST
from conversations.forms import LONGEST_MESSAGE, Text
from conversations.models import ComparedAnswer, Comparison
from conversations.parameters.forms import ConversationParametersForm
from inference.models import AIModel

HOW_MANY = _("Choose two, three or four models.")


class ComparisonForm(ConversationParametersForm):
    """What is asked, of which models, by which parameters."""

    prompt = Text(
        label=_("Prompt"),
        max_length=LONGEST_MESSAGE,
        strip=False,
        widget=forms.Textarea,
        error_messages={
            "required": _("Write a prompt first."),
            "max_length": ngettext_lazy(
                "A prompt may have at most %(limit_value)d character.",
                "A prompt may have at most %(limit_value)d characters; "
                "this one has %(show_value)d.",
                "limit_value",
            ),
        },
    )
    models = forms.ModelMultipleChoiceField(
        AIModel.objects.none(),
        to_field_name="name",
        error_messages={
            "required": HOW_MANY,
            "invalid_choice": _("That model isn’t available any more. Choose another one."),
        },
    )
    is_blind = forms.BooleanField(label=_("Hide the names until I have voted"), required=False)
    field_order = ["prompt", "models"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["models"].queryset = AIModel.objects.usable()  # type: ignore[attr-defined]

    def clean_models(self) -> Iterable[AIModel]:
        """In the order of their names."""
        chosen = list(self.cleaned_data["models"])
        if not FEWEST <= len(chosen) <= MOST:
            raise forms.ValidationError(HOW_MANY)
        return chosen


class VoteForm(forms.Form):
    """`choice` is the id of the best answer, or the verdict that there is none."""

    choice = forms.CharField(max_length=20)

    def __init__(self, data: Any, comparison: Comparison) -> None:
        super().__init__(data)
        self._answers = {str(answer.pk): answer for answer in comparison.answers.all()}

    def clean_choice(self) -> tuple[str, ComparedAnswer | None]:
        """The verdict, and the best answer if there is one."""
        choice: str = self.cleaned_data["choice"]
        if choice in (Comparison.Verdict.TIE, Comparison.Verdict.NONE):
            return choice, None
        if choice not in self._answers:
            raise forms.ValidationError(_("Choose one of the answers."))
        return Comparison.Verdict.WINNER, self._answers[choice]
