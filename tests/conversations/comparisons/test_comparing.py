"""One prompt to several models: asking, stopping, trying again, carrying on, deleting."""

import pytest
from django.test import Client

from accounts.models import User
from conversations.comparisons import actions
from conversations.models import ComparedAnswer, Comparison, Conversation, Message
from inference import lifecycle
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation, UsageLog
from tests.conversations.comparisons.conftest import (
    Ask,
    answered,
    answers,
    claimed,
    failed,
    finished,
)

PROMPT = "What is a fox?"
FORM = {"prompt": PROMPT, "models": ["aardvark", "bumblebee"]}


def page_of(client: Client, comparison: Comparison) -> str:
    return client.get(comparison.get_absolute_url()).content.decode()


def test_all_are_asked_the_same(page: Client, alice: User, models: list[AIModel]) -> None:
    form = FORM | {"instructions": "Be brief.", "temperature": "0.2"}

    reply = page.post("/compare/", form | {"models": [model.name for model in models]})

    comparison = Comparison.objects.get(user=alice)
    assert reply["HX-Redirect"] == f"/compare/{comparison.pk}/"
    runs = list(Generation.objects.order_by("compared__position"))
    assert [run.model for run in runs] == models
    assert {run.source for run in runs} == {"compare"}
    assert comparison.parameters["temperature"] == 0.2
    assert {run.parameters["seed"] for run in runs} == {comparison.parameters["seed"]}
    for run in runs:
        assert run.messages == [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": PROMPT},
        ]


def test_a_seed_can_be_set(page: Client, models: list[AIModel]) -> None:
    page.post("/compare/", FORM | {"seed": "42"})

    assert {run.parameters["seed"] for run in Generation.objects.all()} == {42}


def test_it_works_without_scripts(plain_page: Client, models: list[AIModel]) -> None:
    reply = plain_page.post("/compare/", FORM, follow=True)

    html = reply.content.decode()
    assert PROMPT in html
    assert "Aardvark" in html
    assert "Show what has been written since" in html


def test_the_models_are_remembered(page: Client, ask: Ask, models: list[AIModel]) -> None:
    ask()

    html = page.get("/compare/").content.decode()

    assert 'value="aardvark" checked' in html
    assert 'value="chinchilla">' in html


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prompt": " "}, "Write a prompt first."),
        ({"models": ["aardvark"]}, "Choose two, three or four models."),
        ({"models": []}, "Choose two, three or four models."),
        ({"models": ["aardvark", "stranger"]}, "That model isn’t available any more."),
        ({"temperature": "9"}, "temperature must be between 0 and 5."),
        ({"seed": "x"}, "seed must be a whole number."),
    ],
)
def test_bad_input_loses_nothing(
    page: Client, plain_page: Client, models: list[AIModel], change: dict[str, str], words: str
) -> None:
    form = FORM | change

    assert words in page.post("/compare/", form).content.decode()
    reply = plain_page.post("/compare/", form)
    html = reply.content.decode()
    assert reply.status_code == 422
    assert words in html
    assert form["prompt"] in html
    assert 'value="aardvark" checked' in html or not form["models"]
    assert not Generation.objects.exists()


def test_five_models_are_too_many(page: Client, models: list[AIModel], model: AIModel) -> None:
    form = FORM | {"models": [model.name, *(one.name for one in models)]}

    assert page.post("/compare/", form).status_code == 422


def test_where_there_is_no_room_for_all_nobody_is_asked(
    page: Client, models: list[AIModel], settings: object
) -> None:
    settings.MAX_WAITING_PER_USER = 1  # type: ignore[attr-defined]

    reply = page.post("/compare/", FORM)

    assert reply.status_code == 429
    assert reply["Retry-After"]
    assert not Generation.objects.exists()
    assert not Comparison.objects.exists()


def test_each_column_has_its_own_state(page: Client, ask: Ask) -> None:
    comparison = ask(4)
    first, second, third, _fourth = answers(comparison)
    answered(first, "A **small** animal.")
    failed(second, "The model ran out of memory.")
    claimed(third)

    html = page_of(page, comparison)

    for status in ("done", "failed", "streaming", "queued"):
        assert f'data-status="{status}"' in html
    assert "<strong>small</strong>" in html
    assert "777 tokens" in html
    assert "The model ran out of memory." in html
    assert f"/compare/answers/{second.pk}/retry/" in html


def test_what_has_been_said_so_far_is_in_the_page(page: Client, ask: Ask) -> None:
    from inference.token_log import TokenLog, Tokens

    comparison = ask()
    run = claimed(answers(comparison)[0])
    TokenLog.default().write([(run.pk, Tokens("1-1", (1,), "Foxes are"))])

    assert "Foxes are" in page_of(page, comparison)


def test_one_is_stopped_and_the_other_goes_on(page: Client, ask: Ask) -> None:
    comparison = ask()
    first, second = answers(comparison)

    assert page.post(f"/compare/answers/{first.pk}/stop/").status_code == 204

    first, second = answers(comparison)
    assert (first.status, second.status) == ("stopped", "queued")


def test_all_are_stopped(page: Client, ask: Ask) -> None:
    comparison = ask(3)

    page.post(f"{comparison.get_absolute_url()}stop/")

    assert [answer.status for answer in answers(comparison)] == ["stopped"] * 3


def test_a_failed_answer_is_asked_for_again(page: Client, ask: Ask) -> None:
    comparison = ask()
    first, _second = answers(comparison)
    failed(first, "Out of memory.")

    assert page.post(f"/compare/answers/{first.pk}/retry/").status_code == 204

    again = answers(comparison)[0]
    assert (again.pk, again.status) == (first.pk, "queued")
    assert again.generation and again.generation.parameters["seed"] == comparison.parameters["seed"]


def test_what_came_is_not_asked_for_again(page: Client, ask: Ask) -> None:
    comparison = finished(ask())

    reply = page.post(f"/compare/answers/{answers(comparison)[0].pk}/retry/")

    assert reply.status_code == 409
    assert "can’t be asked for again" in reply.content.decode()


def test_the_same_can_be_asked_with_another_seed(page: Client, ask: Ask) -> None:
    comparison = finished(ask(3, temperature=0.3))

    reply = page.post(f"{comparison.get_absolute_url()}again/")

    new = Comparison.objects.exclude(pk=comparison.pk).get()
    assert reply["HX-Redirect"] == new.get_absolute_url()
    assert new.prompt == comparison.prompt
    assert new.parameters["temperature"] == 0.3
    assert new.parameters["seed"] != comparison.parameters["seed"]
    assert [one.model for one in answers(new)] == [one.model for one in answers(comparison)]


def test_not_with_a_model_that_has_gone(page: Client, ask: Ask) -> None:
    comparison = finished(ask())
    AIModel.objects.filter(name="aardvark").update(is_active=False)

    assert page.post(f"{comparison.get_absolute_url()}again/").status_code == 409


def test_an_answer_is_carried_on_with(page: Client, alice: User, ask: Ask) -> None:
    comparison = finished(ask(temperature=0.3, seed=5))
    answer = answers(comparison)[1]

    reply = page.post(f"/compare/answers/{answer.pk}/carry-on/")

    conversation = Conversation.objects.get(user=alice)
    assert reply["HX-Redirect"] == conversation.get_absolute_url()
    assert conversation.model == answer.model
    assert conversation.parameters == {"temperature": 0.3}
    question, said = conversation.messages.all()
    assert (question.content, said.content) == (PROMPT, "Answer B.")
    assert said.parameters == {"temperature": 0.3, "seed": 5}
    assert conversation.leaf == said
    shown = page.get(conversation.get_absolute_url()).content.decode()
    assert "Bumblebee" in shown
    reply = page.post(conversation.get_absolute_url(), {"text": "And a dog?", "model": "bumblebee"})
    assert Message.objects.filter(content="And a dog?").exists()


def test_the_second_time_it_is_the_same_conversation(page: Client, ask: Ask) -> None:
    answer = answers(finished(ask()))[0]

    addresses = {page.post(f"/compare/answers/{answer.pk}/carry-on/")["HX-Redirect"] for _ in "ab"}

    assert len(addresses) == 1
    assert Conversation.objects.count() == 1


def test_nothing_is_carried_on_before_it_has_come(page: Client, ask: Ask) -> None:
    answer = answers(ask())[0]

    assert page.post(f"/compare/answers/{answer.pk}/carry-on/").status_code == 409
    assert not Conversation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deleting_leaves_nothing_but_the_account(page: Client, ask: Ask) -> None:
    comparison = ask()
    answered(answers(comparison)[0], "Foxes are small.")
    running = claimed(answers(comparison)[1])

    reply = page.post(f"{comparison.get_absolute_url()}delete/")
    stopped = (Generation.Status.STOPPED, Generation.Reason.CANCELLED)
    lifecycle.finish(running.pk, running.attempt, Outcome(*stopped, text="Foxes"))

    assert reply["HX-Redirect"] == "/compare/"
    assert not Comparison.objects.exists()
    assert not ComparedAnswer.objects.exists()
    assert not Generation.objects.exists()
    assert UsageLog.objects.count() == 2


def test_what_carries_on_stays(page: Client, ask: Ask) -> None:
    comparison = finished(ask())
    conversation = actions.carry_on(answers(comparison)[0])

    page.post(f"{comparison.get_absolute_url()}delete/")

    assert "Answer A." in page.get(conversation.get_absolute_url()).content.decode()
    assert Generation.objects.count() == 1


def test_ones_comparisons_are_listed_page_by_page(
    page: Client, plain_page: Client, bob: User, ask: Ask
) -> None:
    settled = finished(ask())
    actions.vote(settled, "winner", answers(settled)[1])
    for _ in range(20):
        ask(is_blind=True).answers.update(generation=None)
        Generation.objects.all().delete()
    ask(user=bob)

    first = page.get("/compare/").content.decode()

    assert first.count('class="history-prompt"') == 20
    assert "best: Bumblebee" not in first
    [more] = {part.split('"')[0] for part in first.split('hx-get="')[1:] if "before" in part[:60]}
    last = page.get(more).content.decode()
    assert last.count('class="history-prompt"') == 1
    assert "best: Bumblebee" in last
    assert "best: Bumblebee" in plain_page.get(more).content.decode()


@pytest.mark.parametrize("cursor", ["x", "%00", "MDAwMQ", "A" * 300])
def test_a_bad_cursor_is_404(page: Client, cursor: str) -> None:
    assert page.get(f"/compare/earlier/?before={cursor}").status_code == 404


@pytest.mark.parametrize("part", ["", "vote/", "stop/", "again/", "delete/"])
def test_a_stranger_gets_404(strangers_page: Client, ask: Ask, part: str) -> None:
    address = ask().get_absolute_url() + part

    if part in ("", "delete/"):
        assert strangers_page.get(address).status_code == 404
    if part:
        assert strangers_page.post(address, {"choice": "tie"}).status_code == 404
    assert Comparison.objects.count() == 1


@pytest.mark.parametrize("part", ["stop", "retry", "carry-on"])
def test_a_stranger_gets_404_for_an_answer(strangers_page: Client, ask: Ask, part: str) -> None:
    comparison = ask()

    address = f"/compare/answers/{answers(comparison)[0].pk}/{part}/"

    assert strangers_page.post(address).status_code == 404
    assert answers(comparison)[0].status == "queued"


def test_nobody_gets_in_signed_out(client: Client, ask: Ask) -> None:
    for path in ("/compare/", "/compare/board/", "/compare/earlier/", ask().get_absolute_url()):
        assert client.get(path).status_code == 302
