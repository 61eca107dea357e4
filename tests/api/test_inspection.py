"""The tokens of answers, for programs."""

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Message, Project
from inference.models import AIModel, Generation
from inference.presence import leave
from tests.api.conftest import bearer
from tests.api.keys import program
from tests.conversations.builders import asked, fresh, run_of
from tests.conversations.inspection.answers import Reason, work, written

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker")]


@pytest.fixture
def answer(alice: User, model: AIModel) -> Message:
    return written(asked(alice, model, "What is a fox?"), 7, 8, 9, 10)


def url(message: Message, path: str) -> str:
    return f"/api/v1/conversations/{message.conversation_id}/messages/{message.pk}/{path}"


def post(api: Client, message: Message, path: str, **body: object) -> tuple[int, dict[str, object]]:
    reply = api.post(url(message, path), body, content_type="application/json")
    return reply.status_code, reply.json()


def test_an_answer_is_scored(api: Client, model: AIModel, answer: Message) -> None:
    status, told = post(api, answer, "inspections")
    assert (status, told["status"], told["tokens"]) == (202, "running", [])

    work(model, 7, 8, 9, 10)

    told = api.get(url(answer, "inspections/score")).json()
    assert told["status"] == "done"
    assert [token["text"] for token in told["tokens"]] == ["A", " fox", " is", " red"]
    assert told["tokens"][1]["top"] == [{"id": 12, "text": " cat", "logprob": -3.0}]
    assert told["first_difference"] is None


def test_a_replay_tells_where_it_parts(api: Client, model: AIModel, answer: Message) -> None:
    post(api, answer, "inspections", kind="replay")
    work(model, 7, 8, 11)

    assert api.get(url(answer, "inspections/replay")).json()["first_difference"] == 2


def test_another_token_begins_another_answer(api: Client, model: AIModel, answer: Message) -> None:
    post(api, answer, "inspections")
    work(model, 7, 8, 9, 10)

    status, told = post(api, answer, "branch", place=1, token_id=12)

    assert (status, told["content"]) == (202, "A cat")
    assert post(api, answer, "branch", place=1, token_id=99)[0] == 409


def test_an_answer_that_was_cut_goes_on(api: Client, alice: User, model: AIModel) -> None:
    cut = written(asked(alice, model, "What is a fox?"), 7, 8, reason=Reason.LENGTH)

    status, told = post(api, cut, "continue")

    assert (status, told["status"]) == (202, "queued")
    assert run_of(cut).begun == [7, 8]
    assert fresh(cut).generation.api_key is not None  # type: ignore[union-attr]


def test_one_that_is_complete_does_not(api: Client, answer: Message) -> None:
    assert post(api, answer, "continue")[0] == 409


@pytest.mark.parametrize(
    "body", [{"kind": "other"}, {"kind": 1}, {"more": 1}], ids=["unknown", "number", "extra"]
)
def test_a_wrong_field_is_named(api: Client, answer: Message, body: dict[str, object]) -> None:
    status, told = post(api, answer, "inspections", **body)

    assert status == 400
    assert next(iter(body)) in str(told["error"])


@pytest.mark.parametrize("path", ["inspections", "branch", "continue"])
def test_strangers_get_404(bob: User, answer: Message, path: str) -> None:
    body = {"place": 0, "token_id": 0} if path == "branch" else {}
    stranger = Client(headers={"authorization": bearer(bob)})

    assert post(stranger, answer, path, **body)[0] == 404
    assert stranger.get(url(answer, "inspections/score")).status_code == 404


@pytest.mark.parametrize("path", ["inspections", "branch", "continue"])
def test_a_key_for_other_models_has_none_of_it_done(alice: User, model: AIModel, path: str) -> None:
    cut = written(asked(alice, model, "What is a fox?"), 7, 8, reason=Reason.LENGTH)
    body = {"place": 0, "token_id": 0} if path == "branch" else {}

    status, told = post(program(alice, models=["other"]), cut, path, **body)

    assert (status, told["code"]) == (404, "model_not_found")
    assert not Generation.objects.filter(status__in=Generation.LIVE).exists()


def test_nothing_without_a_key(answer: Message) -> None:
    assert post(Client(), answer, "inspections")[0] == 401
    assert Client().get(url(answer, "inspections/score")).status_code == 401


def test_what_was_not_asked_for_is_not_there(api: Client, answer: Message) -> None:
    assert api.get(url(answer, "inspections/score")).status_code == 404
    assert api.get(url(answer, "inspections/other")).status_code in (400, 404)


@pytest.mark.parametrize("path", ["inspections", "branch", "continue"])
def test_without_a_worker_it_is_refused(
    api: Client, alice: User, model: AIModel, path: str
) -> None:
    cut = written(asked(alice, model, "What is a fox?"), 7, 8, reason=Reason.LENGTH)
    leave("tests")
    body = {"place": 0, "token_id": 0} if path == "branch" else {}

    reply = api.post(url(cut, path), body, content_type="application/json")

    assert (reply.status_code, reply.json()["code"]) == (503, "overloaded")
    assert reply["Retry-After"]
    assert not Generation.objects.filter(status__in=Generation.LIVE).exists()


def test_who_may_only_read_gets_the_one_that_is_there(
    api: Client, alice: User, bob: User, model: AIModel, answer: Message
) -> None:
    project = Project.objects.create(user=alice, name="Foxes")
    project.members.create(user=bob, access="read")
    Conversation.objects.update(project=project)
    post(api, answer, "inspections", kind="replay")
    work(model, 7, 8, 11)
    reader = Client(headers={"authorization": bearer(bob)})

    status, told = post(reader, answer, "inspections", kind="replay")

    assert (status, told["status"], told["first_difference"]) == (202, "done", 2)
    assert post(api, answer, "inspections", kind="replay")[1]["status"] == "running"
