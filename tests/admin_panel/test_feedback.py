"""What people think of answers, in the admin: counts, reasons and comments, never a message."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations.messages.feedback import rate
from conversations.models import Conversation, Message
from inference.models import AIModel, Generation

PAGE = "/admin/conversations/feedback/"


@pytest.fixture
def answer(alice: User, model: AIModel, run: Callable[..., Generation]) -> Message:
    conversation = Conversation.objects.create(user=alice, title="Xylophones", model=model)
    return conversation.messages.create(
        role=Message.Role.ASSISTANT, content="A xylophone is a bird.", generation=run()
    )


def test_it_lists_what_was_said(admin: Client, alice: User, answer: Message) -> None:
    rate(alice, answer, -1, "wrong", "It is an instrument.")

    html = admin.get(PAGE).content.decode()

    for words in ("alice@example.org", "Demo", "not correct", "It is an instrument."):
        assert words in html
    assert "ylophone" not in html


def test_it_counts_by_model(
    admin: Client, alice: User, bob: User, charlie: User, answer: Message
) -> None:
    for user, rating in ((alice, 1), (bob, 1), (charlie, -1)):
        rate(user, answer, rating)

    assert admin.get(PAGE).context["models"] == [{"name": "Demo", "good": 2, "bad": 1, "share": 66}]
    filtered = admin.get(PAGE, {"rating__exact": "-1"}).context["models"]
    assert filtered == [{"name": "Demo", "good": 0, "bad": 1, "share": 0}]


def test_it_can_be_filtered_by_model(
    admin: Client, alice: User, model: AIModel, answer: Message
) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="other.gguf")
    rate(alice, answer, 1)
    lookup = "message__generation__model__id__exact"

    found = admin.get(PAGE, {lookup: model.pk}).context["cl"]
    others = admin.get(PAGE, {lookup: other.pk}).context["cl"]

    assert (found.result_count, others.result_count) == (1, 0)


@pytest.mark.parametrize("lookup", ["message__content__contains", "message__conversation__title"])
def test_the_address_tells_nothing_of_the_message(
    admin: Client, alice: User, answer: Message, lookup: str
) -> None:
    rate(alice, answer, 1)

    assert admin.get(PAGE, {lookup: "xylophone"}).status_code == 400


def test_nobody_changes_it(admin: Client, alice: User, answer: Message) -> None:
    given = rate(alice, answer, 1)

    for page in (f"{given.pk}/change/", f"{given.pk}/delete/", "add/"):
        assert admin.get(PAGE + page).status_code in (403, 404)


def test_staff_need_the_right(staff: Callable[..., Client]) -> None:
    client = staff()
    assert client.get(PAGE).status_code == 403


def test_staff_with_the_right_see_it(staff: Callable[..., Client]) -> None:
    assert staff("conversations.view_feedback").get(PAGE).status_code == 200
