"""The chat page: `/` and `/c/UUID/`."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from conversations import thread
from conversations.models import Conversation
from inference.models import AIModel
from inference.token_log import Started, TokenLog, Tokens
from tests.conversations.builders import answered, asked, failed, started, stopped


def articles(html: str) -> list[tuple[str, str]]:
    """Role and status of each message."""
    return re.findall(r'<article [^>]*data-role="(\w+)" data-status="(\w+)"', html)


def test_a_new_conversation_teaches_how_to_begin(plain_page: Client, model: AIModel) -> None:
    html = plain_page.get("/").content.decode()

    assert "What would you like to talk about?" in html
    assert 'aria-label="Message"' in html
    assert 'aria-label="Send"' in html
    assert re.search(r'<select name="model" aria-label="Model".*?Demo', html, re.DOTALL)


def test_a_conversation_shows_its_messages(plain_page: Client, conversation: Conversation) -> None:
    html = plain_page.get(f"/c/{conversation.pk}/").content.decode()

    assert articles(html) == [("user", "done"), ("assistant", "done")]
    assert "<strong>small</strong>" in html
    assert "<title>What is a fox? · Parley</title>" in html


def test_below_an_answer_are_its_figures(plain_page: Client, conversation: Conversation) -> None:
    html = plain_page.get(f"/c/{conversation.pk}/").content.decode()

    assert re.search(r"<span>3 tokens</span>.*<span>first token [\d.]+ s</span>", html)


def test_what_a_person_wrote_is_shown_as_it_is(
    plain_page: Client, alice: User, model: AIModel
) -> None:
    written = "<b>bold</b>\n  - **no** list"
    answer = asked(alice, model, written)

    html = plain_page.get(f"/c/{answer.conversation_id}/").content.decode()

    assert "data-content>&lt;b&gt;bold&lt;/b&gt;\n  - **no** list</div>" in html


def test_an_answer_that_waits_says_for_what(
    plain_page: Client, live_conversation: Conversation
) -> None:
    html = plain_page.get(f"/c/{live_conversation.pk}/").content.decode()

    assert articles(html)[-1] == ("assistant", "queued")
    assert "Waiting for a worker to start…" in html
    assert 'aria-label="Stop"' in html
    assert 'aria-label="Send"' not in html


def test_a_page_that_is_loaded_in_mid_stream_has_the_text_so_far(
    plain_page: Client, alice: User, model: AIModel
) -> None:
    answer = asked(alice, model, "Tell me")
    run = started(answer)
    log = TokenLog.default()
    log.write([(run.pk, Started("1-0")), (run.pk, Tokens("1-1", (5,), "Once **upon** a"))])

    html = plain_page.get(f"/c/{answer.conversation_id}/").content.decode()

    assert articles(html)[-1] == ("assistant", "streaming")
    assert "<p>Once <strong>upon</strong> a</p>" in html


def test_a_stopped_answer_says_so(plain_page: Client, alice: User, model: AIModel) -> None:
    answer = stopped(asked(alice, model, "Tell me"), "Once upon")

    html = plain_page.get(f"/c/{answer.conversation_id}/").content.decode()

    assert articles(html)[-1] == ("assistant", "stopped")
    assert "<span>Stopped</span>" in html
    assert "Once upon" in html


def test_a_failed_answer_says_why_and_can_be_asked_for_again(
    plain_page: Client, alice: User, model: AIModel
) -> None:
    answer = failed(asked(alice, model, "Tell me"), "This message is too long for the model.")

    html = plain_page.get(f"/c/{answer.conversation_id}/").content.decode()

    assert articles(html)[-1] == ("assistant", "failed")
    assert "This message is too long for the model." in html
    assert f'formaction="/m/{answer.pk}/retry/"' in html


def test_nobody_else_finds_it(
    plain_page: Client, strangers_page: Client, conversation: Conversation
) -> None:
    address = f"/c/{conversation.pk}/"
    assert plain_page.get(address).status_code == 200

    assert strangers_page.get(address).status_code == 404


def test_staff_do_not_find_it_either(
    plain_page: Client, charlie: User, conversation: Conversation
) -> None:
    plain_page.force_login(charlie)

    assert plain_page.get(f"/c/{conversation.pk}/").status_code == 404


def test_one_that_never_was_is_not_found(plain_page: Client) -> None:
    assert plain_page.get(f"/c/{uuid4()}/").status_code == 404


def test_whoever_is_signed_out_signs_in_first(client: Client, conversation: Conversation) -> None:
    reply = client.get(f"/c/{conversation.pk}/")

    assert reply.status_code == 302
    assert reply["Location"] == f"/accounts/login/?next=/c/{conversation.pk}/"


def test_a_long_conversation_comes_in_parts(
    plain_page: Client, page: Client, alice: User, model: AIModel
) -> None:
    conversation = None
    for n in range(thread.SHOWN // 2 + 1):
        answer = answered(asked(alice, model, f"Question {n}.", conversation), f"Answer {n}.")
        conversation = answer.conversation
    assert conversation

    html = plain_page.get(f"/c/{conversation.pk}/").content.decode()
    link = re.search(r'hx-get="(/c/[^"]+/earlier/\?before=\d+)"', html)

    assert len(articles(html)) == thread.SHOWN
    assert "Question 0." not in html.split("<main")[1].split("</h1>")[1]
    assert link
    part = page.get(link[1]).content.decode()
    assert articles(part) == [("user", "done"), ("assistant", "done")]
    assert "Show earlier messages" not in part
    assert "Question 0." in plain_page.get(link[1]).content.decode()


def test_a_stranger_gets_no_earlier_messages(
    page: Client, strangers_page: Client, conversation: Conversation
) -> None:
    address = f"/c/{conversation.pk}/earlier/?before=999999999"
    assert page.get(address).status_code == 200

    assert strangers_page.get(address).status_code == 404


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "1.5", "²"])
def test_nonsense_in_the_address_does_no_harm(
    page: Client, conversation: Conversation, before: str
) -> None:
    reply = page.get(f"/c/{conversation.pk}/earlier/", {"before": before})

    assert reply.status_code == 200


def test_without_a_model_the_page_says_so(plain_page: Client, charlie: User) -> None:
    assert "No model yet" in plain_page.get("/").content.decode()

    plain_page.force_login(charlie)

    assert "/admin/inference/aimodel/add/" in plain_page.get("/").content.decode()


def test_the_picker_shows_the_model_that_answered_last(
    plain_page: Client, alice: User, model: AIModel
) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="other.gguf")
    answer = answered(asked(alice, other, "Tell me"), "Done.")

    html = plain_page.get(f"/c/{answer.conversation_id}/").content.decode()

    assert '<option value="other" selected>' in html
    assert '<option value="demo" selected>' in plain_page.get("/").content.decode()


def test_the_clipboard_gets_markdown(
    page: Client, strangers_page: Client, conversation: Conversation
) -> None:
    answer = conversation.messages.get(role="assistant")

    reply = page.get(f"/m/{answer.pk}/text/")

    assert reply.content.decode() == "A **small** animal."
    assert reply["Content-Type"] == "text/plain; charset=utf-8"
    assert strangers_page.get(f"/m/{answer.pk}/text/").status_code == 404


def test_a_message_of_an_impossible_number_is_not_found(page: Client) -> None:
    assert page.get(f"/m/{10**30}/text/").status_code == 404
