"""What the page's script keeps of the box, and asks for when the page is looked at again."""

from datetime import timedelta
from uuid import UUID

from django import forms
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods

from conversations.access import conversation_for
from conversations.drafts import actions
from conversations.forms import LONGEST_MESSAGE
from conversations.models import Conversation
from conversations.requests import HtmxHttpRequest, signed_in

UNPROCESSABLE = 422


class PlaceForm(forms.Form):
    conversation = forms.UUIDField(required=False)


class DraftForm(PlaceForm):
    text = forms.CharField(required=False, strip=False, max_length=LONGEST_MESSAGE)
    age = forms.FloatField(required=False, min_value=0, max_value=1e12)

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


@require_http_methods(["GET", "POST"])
@signed_in
def draft(request: HtmxHttpRequest) -> HttpResponse:
    """`age` is in milliseconds, as clocks of devices differ. The answer is the draft that there is
    now, which may be a newer one of another device."""
    form = DraftForm(request.POST) if request.method == "POST" else PlaceForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=UNPROCESSABLE)
    asked = form.cleaned_data
    conversation = _conversation(request, asked["conversation"])
    if request.method == "POST":
        age = timedelta(milliseconds=asked["age"] or 0)
        kept = actions.keep(request.user, conversation, asked["text"], age)
        return JsonResponse({"text": kept.text})
    return JsonResponse({"text": actions.text_of(request.user, conversation)})


def _conversation(request: HtmxHttpRequest, id: UUID | None) -> Conversation | None:
    return None if id is None else conversation_for(request.user, id, "write")
