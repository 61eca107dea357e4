from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.forms import TextForm
from conversations.models import Feedback, Message
from inference.models import AIModel

LONGEST_COMMENT = 2000


class ModelForm(forms.Form):
    """Which model is to answer."""

    model = forms.ModelChoiceField(
        AIModel.objects.none(),
        to_field_name="name",
        required=False,
        error_messages={
            "invalid_choice": _("That model isn’t available any more. Choose another one.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"].queryset = AIModel.objects.usable()  # type: ignore[attr-defined]


class EditForm(ModelForm, TextForm):
    pass


class FeedbackForm(forms.Form):
    """Without a rating, it is withdrawn."""

    rating = forms.TypedChoiceField(
        choices=Feedback.Rating.choices, coerce=int, empty_value=None, required=False
    )
    reason = forms.ChoiceField(
        label=_("What was wrong?"),
        choices=Feedback.Reason.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("Comment"),
        max_length=LONGEST_COMMENT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def model_for(message: Message) -> AIModel | None:
    """The one that is to answer (again) where none is chosen: the one that did, or the last one of
    the conversation, or the default; of those that can."""
    usable = AIModel.objects.usable()
    former = [message.generation.model_id] if message.generation else []
    for pk in (*former, message.conversation.model_id):
        if pk and (model := usable.filter(pk=pk).first()):
            return model
    return AIModel.objects.preferred()
