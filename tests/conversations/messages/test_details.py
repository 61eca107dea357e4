"""How an answer came about: `/m/ID/details/`."""

import re

from django.test import Client

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message
from inference.models import AIModel
from tests.conversations.builders import answered, said


def rows(html: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html, re.DOTALL)
    return {label: re.sub("<[^>]+>", "", value).strip() for label, value in found}


def test_it_tells_what_was_asked_for_and_what_it_took(
    page: Client, alice: User, model: AIModel
) -> None:
    chosen = {"temperature": 0.5, "seed": 42, "stop": ["\n\n", "END"]}
    sent = actions.send_message(alice, None, "What is a fox?", model, chosen)
    answered(sent.answer, "A small animal.")

    html = page.get(f"/m/{sent.answer.pk}/details/").content.decode()

    told = rows(html)
    assert told["Model"] == "Demo"
    assert told["How it ended"] == "the answer was complete"
    assert (told["Prompt"], told["Of these reused"], told["Generated"]) == ("10", "0", "3")
    assert (told["Temperature"], told["Seed"], told["Top-k"]) == ("0.5", "42", "40")
    assert told["Stop at"] == "[&quot;\\n\\n&quot;, &quot;END&quot;]"
    assert re.fullmatch(r"[\d.]+ s", told["Wait in the queue"])
    assert re.fullmatch(r"[\d.]+ s", told["To the first token"])
    assert 'data-copy-text="42"' in html


def test_a_seed_that_was_not_chosen_is_told_as_well(page: Client, answer: Message) -> None:
    told = rows(page.get(f"/m/{answer.pk}/details/").content.decode())

    assert answer.generation
    assert told["Seed"] == str(answer.generation.parameters["seed"])


def test_it_says_nothing_of_what_was_said(page: Client, answer: Message) -> None:
    html = page.get(f"/m/{answer.pk}/details/").content.decode()

    assert "fox" not in html
    assert "small" not in html


def test_it_works_without_scripts(plain_page: Client, answer: Message) -> None:
    assert "<html" in plain_page.get(f"/m/{answer.pk}/details/").content.decode()


def test_there_is_nothing_to_tell_of_others(
    page: Client, alice: User, question: Message, live_conversation: Conversation
) -> None:
    imported = said(Conversation.objects.create(user=alice, title="Old"), "assistant", "Hi!")
    growing = live_conversation.messages.get(role="assistant")

    for message in (question, imported, growing):
        assert page.get(f"/m/{message.pk}/details/").status_code == 404


def test_a_stranger_learns_nothing(page: Client, strangers_page: Client, answer: Message) -> None:
    assert strangers_page.get(f"/m/{answer.pk}/details/").status_code == 404

    assert page.get(f"/m/{answer.pk}/details/").status_code == 200


def test_who_may_read_learns_it(readers_page: Client, answer: Message) -> None:
    assert readers_page.get(f"/m/{answer.pk}/details/").status_code == 200
