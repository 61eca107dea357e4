"""What models think before they answer, in the APIs."""

import pytest
from django.test import Client

from accounts.models import User
from inference import lifecycle
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from tests.api import responses_asking as responses
from tests.api.conftest import THOUGHT, Answering
from tests.api.events import events
from tests.api.platform_streams import post, told
from tests.conversations.builders import asked, started

pytestmark = pytest.mark.django_db(transaction=True)

DONE = (Generation.Status.DONE, Generation.Reason.STOP)


async def test_a_response_has_them_as_an_item_of_its_own(
    key: dict[str, str], answering: Answering
) -> None:
    with answering(f"{THOUGHT}Hm, ", f"{THOUGHT}so.", "Hello"):
        response = (await responses.ask(key)).json()

    reasoning, message = response["output"]
    assert reasoning["type"] == "reasoning"
    assert reasoning["summary"] == [{"type": "summary_text", "text": "Hm, so."}]
    assert message["content"][0]["text"] == "Hello"


async def test_a_response_streams_them(key: dict[str, str], answering: Answering) -> None:
    with answering(f"{THOUGHT}Hm, ", f"{THOUGHT}so.", "Hello"):
        found = await events(await responses.ask(key, stream=True))

    about = [event for event in found if event.get("output_index") == 0]
    assert [event["type"].removeprefix("response.") for event in about] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]
    assert [event["delta"] for event in about if "delta" in event] == ["Hm, ", "so."]
    assert about[-1]["item"] == found[-1]["response"]["output"][0]
    assert found[-1]["response"]["output"][1]["content"][0]["text"] == "Hello"


async def test_a_response_that_was_cut_while_it_thought(
    key: dict[str, str], answering: Answering
) -> None:
    outcome = Outcome(Generation.Status.DONE, Generation.Reason.LENGTH)
    with answering(f"{THOUGHT}Hm, ", outcome=outcome):
        response = (await responses.ask(key, max_output_tokens=1)).json()

    [reasoning] = response["output"]
    assert (response["status"], reasoning["status"]) == ("incomplete", "incomplete")


async def test_a_chat_tells_them_before_the_answer(
    key: dict[str, str], answering: Answering
) -> None:
    with answering(f"{THOUGHT}Hm.", "Hello"):
        found = await told(await post(key, "/api/v1/chat", message="Hi"))

    texts = [(event.name, event.fields["text"]) for event in found if "text" in event.fields]
    assert texts == [("thought", "Hm."), ("token", "Hello")]


def test_a_message_has_its_thought(
    alice: User, model: AIModel, key: dict[str, str], client: Client
) -> None:
    answer = asked(alice, model, "What is a fox?")
    run = started(answer)
    outcome = Outcome(*DONE, text="An animal.", thought="Hm.", thinking_seconds=1.5)
    assert lifecycle.finish(run.pk, run.attempt, outcome)

    path = f"/api/v1/conversations/{answer.conversation_id}/messages"
    question, message = client.get(path, headers=key).json()["messages"]

    assert (message["content"], message["thought"]) == ("An animal.", "Hm.")
    assert message["thinking_seconds"] == 1.5
    assert (question["thought"], question["thinking_seconds"]) == ("", None)
