"""POST /api/v1/chat, and messages of conversations that programs send."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Message
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation, UsageLog
from tests.api.conftest import Answering, bearer
from tests.api.platform_streams import Sent, post, told, visiting
from tests.conversations.sockets import open_page

URL = "/api/v1/chat"

pytestmark = pytest.mark.django_db(transaction=True)


def text(events: list[Sent]) -> str:
    return "".join(event.fields["text"] for event in events if event.name == "token")


@database_sync_to_async
def contents(conversation_id: Any) -> list[str]:
    conversation = Conversation.objects.get(pk=conversation_id)
    return [message.content for message in conversation.messages.order_by("pk")]


async def test_a_new_conversation_begins(key: dict[str, str], answering: Answering) -> None:
    with answering("Par", "is."):
        start, *events = await told(await post(key, URL, message="The capital of France?"))

    assert start.name == "start"
    assert start.fields["title"] == "The capital of France?"
    assert text(events) == "Paris."
    done = events[-1].fields
    assert (done["type"], done["tokens"], done["finish_reason"]) == ("done", 2, "stop")
    assert done["generation_time"] >= 0
    asked = await contents(start.fields["conversation_id"])
    assert asked == ["The capital of France?", "Paris."]
    answer = await Message.objects.select_related("generation").aget(pk=start.fields["message_id"])
    assert answer.status == "done"
    assert answer.generation
    assert answer.generation.source == "chat"
    assert (await UsageLog.objects.aget()).api_key_id


async def test_a_conversation_goes_on(
    key: dict[str, str], answering: Answering, conversation: Conversation
) -> None:
    with answering("Fine.") as answerer:
        await told(await post(key, URL, message="And now?", conversation_id=str(conversation.pk)))

    said = [message["content"] for message in answerer.seen[0].messages]
    assert said == ["Hello", "Hi!", "And now?"]
    assert await contents(conversation.pk) == [*said, "Fine."]


async def test_sampling_is_the_messages_own(key: dict[str, str], answering: Answering) -> None:
    with answering("!") as answerer:
        await told(await post(key, URL, message="Hi", temperature=0, max_new_tokens=3))

    drawn = answerer.seen[0].parameters
    assert (drawn["temperature"], drawn["max_tokens"]) == (0, 3)


async def test_an_answer_that_fails_says_so(key: dict[str, str], answering: Answering) -> None:
    with answering("Par", outcome=Outcome.failed("The model failed.")):
        events = await told(await post(key, URL, message="Hi"))

    assert events[-1].fields["error"] == "The model failed."


async def test_the_model_that_answered_last_answers(
    key: dict[str, str], answering: Answering, conversation: Conversation, model: AIModel
) -> None:
    await AIModel.objects.acreate(
        name="default", provider_id=model.provider_id, path="x", is_default=True
    )
    await AIModel.objects.filter(pk=model.pk).aupdate(is_default=False)

    with answering("!"):
        start, *_rest = await told(
            await post(key, URL, message="Hi", conversation_id=str(conversation.pk))
        )

    assert start.fields["model"] == "demo"


async def test_a_client_that_goes_away_ends_the_answer(
    key: dict[str, str], answering: Answering
) -> None:
    with answering(*["word "] * 500, pause=0.02) as answerer:
        async with visiting(key, URL, message="Hi") as visitor:
            await visitor.until("token", 2)
        async with asyncio.timeout(5):
            while answerer.stopped_after is None:
                await asyncio.sleep(0.01)

    assert (await Generation.objects.aget()).status == "stopped"


async def test_an_open_page_shows_it_as_it_comes(
    key: dict[str, str], alice: User, answering: Answering, conversation: Conversation
) -> None:
    async with open_page(alice, f"/ws/c/{conversation.pk}/") as page:
        await page.hello()
        with answering("word ", "after ", "word", pause=0.1):
            body = {"message": "A question from elsewhere", "conversation_id": str(conversation.pk)}
            await told(await post(key, URL, **body))
        await page.until("A question from elsewhere")
        await page.until("word after word", 'data-status="done"')


def test_while_an_answer_is_written_there_is_no_other(
    api: Client, worker: None, conversation: Conversation
) -> None:
    messages = f"/api/v1/conversations/{conversation.pk}/messages"
    assert api.post(messages, {"content": "One"}, "application/json").status_code == 202

    for path, body in (
        (messages, {"content": "Two"}),
        (URL, {"message": "Two", "conversation_id": str(conversation.pk)}),
    ):
        response = api.post(path, body, "application/json")
        assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert conversation.messages.count() == 4


def test_a_message_can_be_sent_without_waiting(
    api: Client, worker: None, answering: Answering, conversation: Conversation
) -> None:
    messages = f"/api/v1/conversations/{conversation.pk}/messages"

    asked = api.post(messages, {"content": "And now?", "seed": 5}, "application/json").json()

    assert (asked["question"]["content"], asked["question"]["status"]) == ("And now?", "done")
    answer = asked["answer"]
    assert (answer["role"], answer["status"], answer["model"]) == ("assistant", "queued", "demo")
    address = f"{messages}/{answer['id']}"
    assert api.get(address).json()["status"] == "queued"
    assert Generation.objects.get().parameters["seed"] == 5

    assert api.post(f"{address}/stop").json()["status"] == "stopped"
    assert api.post(f"{address}/stop").status_code == 202  # again does no harm


def test_a_stranger_finds_nothing_to_write_in(
    api: Client, bob: User, worker: None, conversation: Conversation
) -> None:
    stranger = Client(headers={"authorization": bearer(bob)})
    messages = f"/api/v1/conversations/{conversation.pk}/messages"
    message = conversation.messages.first()
    assert message
    elsewhere = Conversation.objects.create(user=message.conversation.user, title="Elsewhere")

    for client, id in ((stranger, conversation.pk), (api, uuid4())):
        body = {"message": "Hi", "conversation_id": str(id)}
        assert client.post(URL, body, "application/json").status_code == 404
    assert stranger.post(messages, {"content": "Hi"}, "application/json").status_code == 404
    assert stranger.get(f"{messages}/{message.pk}").status_code == 404
    assert stranger.post(f"{messages}/{message.pk}/stop").status_code == 404
    other = f"/api/v1/conversations/{elsewhere.pk}/messages/{message.pk}"
    assert api.get(other).status_code == 404
    assert api.get(f"{messages}/{2**70}").status_code == 404
    assert conversation.messages.count() == 2


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "message"),
        ({"message": ""}, "message"),
        ({"message": "  \n "}, "Write a message"),
        ({"message": "x" * 100_001}, "message"),
        ({"message": "Hi", "conversation_id": "7"}, "conversation_id"),
        ({"message": "Hi", "temperature": 9}, "temperature"),
        ({"message": "Hi", "colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_named(body: Any, named: str, api: Client, worker: None) -> None:
    response = api.post(URL, body, "application/json")

    assert response.status_code == 400
    assert named in response.json()["error"]
    assert not Conversation.objects.exists()


def test_an_unknown_model_is_404(api: Client, worker: None) -> None:
    response = api.post(URL, {"message": "Hi", "model_id": "other"}, "application/json")

    assert (response.status_code, response.json()["code"]) == (404, "model_not_found")


def test_a_key_is_needed(client: Client, conversation: Conversation) -> None:
    assert client.post(URL, {"message": "Hi"}, "application/json").status_code == 401


def test_without_a_worker_nothing_is_written(api: Client, model: AIModel) -> None:
    assert api.post(URL, {"message": "Hi"}, "application/json").status_code == 503
    assert not Conversation.objects.exists()
