"""What somebody thinks of an answer: `/m/ID/feedback/`."""

import re

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from conversations.messages import feedback
from conversations.messages.forms import LONGEST_COMMENT
from conversations.models import Conversation, Feedback, Message, Project
from tests.conversations.sockets import open_page


def pressed(html: str) -> list[str]:
    """Of good and bad."""
    return re.findall(r'aria-pressed="(true|false)"', html.split("message-actions")[-1])


def rate(page: Client, answer: Message, rating: str, **said: str) -> object:
    return page.post(f"/m/{answer.pk}/feedback/", {"rating": rating, **said})


def test_an_answer_is_good(page: Client, alice: User, answer: Message) -> None:
    reply = rate(page, answer, "1")

    assert Feedback.objects.get().rating == Feedback.Rating.UP
    assert Feedback.objects.get().user == alice
    assert reply["HX-Trigger"] == "parley:done"
    html = reply.content.decode()
    assert html.startswith(f'<span id="rating-{answer.pk}" class="rating" hx-swap-oob="true">')
    assert pressed(html) == ["true", "false"]


def test_it_is_still_shown_when_the_page_is_opened_again(
    plain_page: Client, page: Client, conversation: Conversation, answer: Message
) -> None:
    rate(page, answer, "1")

    html = plain_page.get(f"/c/{conversation.pk}/").content.decode()

    assert pressed(html) == ["true", "false"]


def test_pressing_again_takes_it_back(page: Client, answer: Message) -> None:
    reply = rate(page, answer, "1")
    pressed_again = re.search(r'name="rating" value="(.*?)"', reply.content.decode())
    assert pressed_again

    rate(page, answer, pressed_again[1])

    assert not Feedback.objects.exists()


def test_an_answer_is_bad_for_a_reason(page: Client, answer: Message) -> None:
    reply = rate(page, answer, "-1", reason="wrong", comment="Foxes are not small.")

    given = Feedback.objects.get()
    assert (given.rating, given.reason, given.comment) == (-1, "wrong", "Foxes are not small.")
    assert pressed(reply.content.decode()) == ["false", "true"]


def test_the_form_has_what_was_said_and_can_withdraw_it(page: Client, answer: Message) -> None:
    address = f"/m/{answer.pk}/feedback/"
    assert "Withdraw" not in page.get(address).content.decode()
    rate(page, answer, "-1", reason="wrong", comment="Foxes <i>are</i> not small.")

    html = page.get(address).content.decode()

    assert 'value="wrong" checked' in html
    assert "Foxes &lt;i&gt;are&lt;/i&gt; not small.</textarea>" in html
    assert "Withdraw" in html
    assert "A **small** animal." not in html


def test_a_change_of_mind_replaces_it(page: Client, answer: Message) -> None:
    rate(page, answer, "-1", reason="wrong", comment="No.")

    rate(page, answer, "1")

    given = Feedback.objects.get()
    assert (given.rating, given.reason, given.comment) == (1, "", "")


def test_it_works_without_scripts(plain_page: Client, answer: Message) -> None:
    assert "<html" in plain_page.get(f"/m/{answer.pk}/feedback/").content.decode()

    reply = rate(plain_page, answer, "-1")

    assert reply["Location"] == f"/c/{answer.conversation_id}/#message-{answer.pk}"


@pytest.mark.parametrize(
    "said",
    [
        {"rating": "2"},
        {"rating": "up"},
        {"rating": "-1", "reason": "bored"},
        {"rating": "-1", "comment": "x" * (LONGEST_COMMENT + 1)},
    ],
)
def test_nonsense_is_refused(page: Client, answer: Message, said: dict[str, str]) -> None:
    assert page.post(f"/m/{answer.pk}/feedback/", said).status_code == 422
    assert not Feedback.objects.exists()


def test_what_was_typed_is_kept_then(page: Client, answer: Message) -> None:
    comment = "x" * (LONGEST_COMMENT + 1)

    html = rate(page, answer, "-1", comment=comment).content.decode()

    assert f"{comment}</textarea>" in html
    assert "at most 2000 characters" in html


def test_only_answers_that_have_ended_can_be_rated(
    page: Client, question: Message, live_conversation: Conversation
) -> None:
    growing = live_conversation.messages.get(role="assistant")

    assert rate(page, question, "1").status_code == 409
    assert rate(page, growing, "1").status_code == 409
    assert page.get(f"/m/{question.pk}/feedback/").status_code == 404


def test_a_stranger_cannot(page: Client, strangers_page: Client, answer: Message) -> None:
    assert strangers_page.get(f"/m/{answer.pk}/feedback/").status_code == 404
    assert rate(strangers_page, answer, "1").status_code == 404
    assert not Feedback.objects.exists()

    assert rate(page, answer, "1").status_code == 200


def test_who_may_read_has_an_opinion_of_their_own(
    page: Client, readers_page: Client, conversation: Conversation, answer: Message
) -> None:
    rate(readers_page, answer, "1")
    rate(page, answer, "-1")

    assert Feedback.objects.count() == 2
    html = readers_page.get(f"/c/{conversation.pk}/").content.decode()
    assert pressed(html) == ["true", "false"]


@pytest.mark.django_db(transaction=True)
async def test_it_is_shown_in_every_tab_of_whoever_gave_it(
    alice: User, bob: User, conversation: Conversation, answer: Message
) -> None:
    def share() -> None:
        project = Project.objects.create(user=alice, name="Foxes")
        project.members.create(user=bob, access="read")
        Conversation.objects.update(project=project)

    await sync_to_async(share)()
    path = f"/ws/c/{conversation.pk}/"
    async with open_page(alice, path) as tab, open_page(bob, path) as others:
        for page in (tab, others):
            await page.hello(answer.pk, sidebar="old")
            await page.until('id="conversations"')

        await sync_to_async(feedback.rate)(alice, answer, 1)
        [frame] = await tab.until(f'id="rating-{answer.pk}"')
        assert pressed(frame) == ["true", "false"]
        assert "<article" not in frame

        await sync_to_async(feedback.withdraw)(alice, answer)
        assert pressed(await tab.frame()) == ["false", "false"]
        assert await others.is_silent()


@pytest.mark.django_db(transaction=True)
async def test_tabs_with_other_chats_are_left_alone(
    alice: User, answer: Message, live_conversation: Conversation
) -> None:
    async with open_page(alice, "/ws/") as tab:
        await tab.hello(sidebar="old")
        await tab.frame()

        await sync_to_async(feedback.rate)(alice, answer, -1, reason="wrong")

        assert await tab.is_silent()
