"""Looking at an answer's tokens: probabilities, alternatives, and replays."""

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from conversations import actions
from conversations.inspection import actions as inspecting
from conversations.inspection.tokens import first_difference, shown, text_of
from conversations.models import Inspection, Message
from conversations.organising import deleting
from conversations.refusals import Refused
from conversations.token_ids import pack, unpack
from inference import lifecycle, queue
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation, UsageLog
from tests.conversations.builders import asked, fresh, run_of
from tests.conversations.inspection.answers import work, written

Kind = Inspection.Kind
Reason = Generation.Reason

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_answer_keeps_its_tokens(answer: Message) -> None:
    assert unpack(answer.token_ids) == [7, 8, 9, 10]


def test_its_probabilities_are_computed_by_a_run(
    page: Client, alice: User, model: AIModel, answer: Message
) -> None:
    reply = page.post(f"/m/{answer.pk}/tokens/")

    assert "The model is reading its answer…" in reply.content.decode()
    run = Inspection.objects.get(message=answer).generation
    assert run
    assert (run.user, run.source, run.kind) == (alice, "inspect", "score")
    assert (run.messages, run.begun) == (
        [{"role": "user", "content": "What is a fox?"}],
        [7, 8, 9, 10],
    )


def test_the_page_shows_each_token(page: Client, inspected: Message) -> None:
    html = page.get(f"/m/{inspected.pk}/tokens/").content.decode()

    assert html.count('class="token level-') == 4
    assert "> fox</a>" in html
    assert UsageLog.objects.filter(source="inspect").count() == 1


def test_a_token_tells_what_else_could_have_come(page: Client, inspected: Message) -> None:
    html = page.get(f"/m/{inspected.pk}/tokens/?at=1").content.decode()

    assert "81.87 %" in html  # exp(-0.2)
    assert "<code>␣cat</code>" in html


@pytest.mark.parametrize("at", ["99", "-1", "x", "9" * 30])
def test_a_place_that_is_not_there_shows_none(page: Client, inspected: Message, at: str) -> None:
    assert page.get(f"/m/{inspected.pk}/tokens/?at={at}").status_code == 200


def test_the_run_leaves_no_text_behind(inspected: Message) -> None:
    assert Generation.objects.filter(source="inspect").count() == 0
    assert Inspection.objects.get(message=inspected).tokens[1][:2] == [8, b" fox".hex()]


def test_a_look_that_failed_says_why(page: Client, answer: Message, model: AIModel) -> None:
    page.post(f"/m/{answer.pk}/tokens/")
    run = queue.claim(model.pk, "worker")
    assert run
    lifecycle.finish(run.pk, run.attempt, Outcome.failed("The model fell asleep."))

    html = page.get(f"/m/{answer.pk}/tokens/").content.decode()

    assert "The model fell asleep." in html
    assert "Try again" in html


def test_why_it_failed_is_told_in_the_language_of_its_reader(page: Client, answer: Message) -> None:
    german = {"Accept-Language": "de"}
    page.post(f"/m/{answer.pk}/tokens/", headers=german)
    with translation.override("de"):
        lifecycle.stop(Generation.objects.get(source=Generation.Source.INSPECT))

    assert answer.inspections.get().error == "Stopped."
    shown = page.get(f"/m/{answer.pk}/tokens/", headers=german).content.decode()
    assert "Gestoppt." in shown


def test_looking_twice_at_once_is_one_run(page: Client, answer: Message) -> None:
    for _ in range(2):
        assert page.post(f"/m/{answer.pk}/tokens/").status_code == 200

    assert Generation.objects.filter(source="inspect").count() == 1


def test_an_answer_under_way_is_not_looked_at(page: Client, alice: User, model: AIModel) -> None:
    live = asked(alice, model, "What is a fox?")

    reply = page.post(f"/m/{live.pk}/tokens/")

    assert reply.status_code == 409
    assert "Only answers that have ended" in reply.content.decode()


def test_another_token_begins_a_branch(page: Client, model: AIModel, inspected: Message) -> None:
    reply = page.post(f"/m/{inspected.pk}/branch/", {"place": 1, "token": 12})

    assert reply.status_code == 200
    other = Message.objects.latest("pk")
    assert (other.parent_id, other.content) == (inspected.parent_id, "A cat")
    assert run_of(other).begun == [7, 12]
    assert fresh(inspected).conversation.leaf_id == other.pk

    done = written(other, 9, 11)
    assert done.content == "A cat is sly"
    assert unpack(done.token_ids) == [7, 12, 9, 11]


@pytest.mark.parametrize(
    ("posted", "status"),
    [
        ({"place": 1, "token": 99}, 409),
        ({"place": 99, "token": 12}, 409),
        ({"place": -1, "token": 12}, 422),
        ({"place": "x", "token": 12}, 422),
        ({}, 422),
    ],
)
def test_only_what_could_have_come_begins_one(
    page: Client, inspected: Message, posted: dict[str, object], status: int
) -> None:
    assert page.post(f"/m/{inspected.pk}/branch/", posted).status_code == status
    assert Message.objects.count() == 2


def test_a_replay_has_the_same_seed(page: Client, answer: Message) -> None:
    page.post(f"/m/{answer.pk}/replay/")

    run = Inspection.objects.get(message=answer, kind=Kind.REPLAY).generation
    assert run and answer.generation
    assert run.parameters["seed"] == answer.generation.parameters["seed"]
    assert run.begun is None


def test_an_equal_replay_says_so(page: Client, answer: Message, model: AIModel) -> None:
    page.post(f"/m/{answer.pk}/replay/")
    work(model, 7, 8, 9, 10)

    assert "all 4 tokens are equal" in page.get(f"/m/{answer.pk}/replay/").content.decode()


def test_a_replay_that_differs_shows_where(page: Client, answer: Message, model: AIModel) -> None:
    page.post(f"/m/{answer.pk}/replay/")
    work(model, 7, 8, 9, 11)

    html = page.get(f"/m/{answer.pk}/replay/").content.decode()

    assert "The answers part at token 4." in html
    assert "A fox is</p>" in html
    assert " red</p>" in html
    assert " sly</p>" in html


def test_it_ends_with_its_conversation(page: Client, answer: Message) -> None:
    page.post(f"/m/{answer.pk}/tokens/")

    deleting.delete(answer.conversation)

    assert not Inspection.objects.exists()
    assert not Generation.objects.filter(source="inspect", status__in=Generation.LIVE).exists()
    assert not Generation.objects.exclude(messages=[]).exists()


@pytest.mark.parametrize("view", ["tokens", "replay"])
def test_strangers_find_nothing(strangers_page: Client, inspected: Message, view: str) -> None:
    assert strangers_page.get(f"/m/{inspected.pk}/{view}/").status_code == 404
    assert strangers_page.post(f"/m/{inspected.pk}/{view}/").status_code == 404


def test_strangers_begin_no_branches(strangers_page: Client, inspected: Message) -> None:
    posted = {"place": 1, "token": 12}

    assert strangers_page.post(f"/m/{inspected.pk}/branch/", posted).status_code == 404
    assert Message.objects.count() == 2


def test_nobody_is_asked_to_sign_in_first(client: Client, answer: Message) -> None:
    assert client.get(f"/m/{answer.pk}/tokens/").status_code == 302
    assert client.post(f"/m/{answer.pk}/tokens/").status_code == 302
    assert not Inspection.objects.exists()


def test_an_answer_that_was_cut_goes_on(alice: User, model: AIModel) -> None:
    cut = written(asked(alice, model, "What is a fox?"), 7, 8, reason=Reason.LENGTH)

    actions.go_on(alice, cut)

    assert run_of(cut).begun == [7, 8]
    assert run_of(cut).messages == [{"role": "user", "content": "What is a fox?"}]
    done = written(cut, 9, 10)
    assert (done.content, unpack(done.token_ids)) == ("A fox is red", [7, 8, 9, 10])
    assert done.conversation.messages.count() == 2


def test_one_that_is_complete_does_not_go_on(alice: User, answer: Message) -> None:
    with pytest.raises(Refused):
        actions.go_on(alice, answer)


def test_the_tokens_of_a_text(page: Client, model: AIModel, plain_page: Client) -> None:
    html = plain_page.get("/tokens/").content.decode()
    assert "Tokens of a text" in html

    reply = plain_page.post("/tokens/", {"text": "", "model": model.name})
    assert reply.status_code == 422
    assert "Write or paste a text first." in reply.content.decode()


def test_a_character_that_is_split_is_told_when_it_is_whole() -> None:
    assert text_of([b"caf", "é".encode()[:1]]) == "caf"
    assert shown("é".encode()[:1]) == "c3"
    assert shown(b" a\n") == "␣a↵"


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [([1, 2], [1, 2], None), ([1, 2], [1, 3], 1), ([1], [1, 2], 1), ([], [], None), ([1], [], 0)],
)
def test_where_two_answers_part(one: list[int], other: list[int], place: int | None) -> None:
    assert first_difference(one, other) == place


def test_token_ids_come_back() -> None:
    assert unpack(pack([0, 7, 2**31])) == [0, 7, 2**31]
    assert unpack(None) == []


def test_the_alternatives_belong_to_the_answer(alice: User, inspected: Message) -> None:
    assert [token.text for token in inspecting.tokens_of(inspected.inspections.get())] == [
        "A",
        " fox",
        " is",
        " red",
    ]


def test_an_answer_that_goes_on_is_looked_at_anew(alice: User, model: AIModel) -> None:
    cut = written(asked(alice, model, "What is a fox?"), 7, 8, reason=Reason.LENGTH)
    inspecting.inspect(alice, cut, Kind.SCORE)
    work(model, 7, 8)

    actions.go_on(alice, cut)

    assert not cut.inspections.exists()
