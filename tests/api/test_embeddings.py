"""POST /v1/embeddings: what is asked, what is told, and what is refused."""

import asyncio
import base64
import json
import threading
from array import array
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client

from accounts.models import User
from inference import presence
from inference.api import runs
from inference.api.openai.embeddings import MOST_INPUTS
from inference.models import AIModel, Generation, UsageLog
from inference.presence import ModelState, WorkerState
from inference.worker.worker import Worker
from tests.api.asking import Browser
from tests.inference import tiny_encoder

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/v1/embeddings"
SIZE = 256
"""Of the demo model's vectors."""
Ask = Callable[..., Any]


class Serving(threading.Thread):
    """A worker with the real model, as soon as something waits for it."""

    def __init__(self, model: AIModel) -> None:
        super().__init__()
        self.model = model
        self.over = threading.Event()
        self.worker = Worker("tests")

    def run(self) -> None:
        try:
            while not self.over.wait(0.01):
                if Generation.objects.filter(status=Generation.Status.QUEUED).exists():
                    self.worker.serve(self.model)
        finally:
            self.worker.close()
            connections.close_all()


@pytest.fixture
def here(model: AIModel) -> None:
    """There is a worker, as far as the web process knows."""
    states = {model.pk: ModelState("ready", 1.0)}
    presence.report(WorkerState("tests", states, 0, seen_at=2**40))


@pytest.fixture
def serving(model: AIModel, here: None, settings: Any) -> Iterator[Serving]:
    settings.MODELS_DIR = django_settings.DEMO_MODEL_DIR
    model.path = "parley-demo.gguf"
    model.save()
    serving = Serving(model)
    serving.start()
    yield serving
    serving.over.set()
    serving.join()


@pytest.fixture
def ask(api: Client) -> Ask:
    def ask(input: Any, **fields: Any) -> Any:
        body = {"model": "demo", "input": input} | fields
        return api.post(URL, json.dumps(body), content_type="application/json")

    return ask


def vectors(response: Any) -> list[list[float]]:
    assert response.status_code == 200, response.content
    return [item["embedding"] for item in response.json()["data"]]


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def error_of(response: Any) -> tuple[int, str, str]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["param"]


def test_a_text_has_a_vector_of_length_one(ask: Ask, serving: Serving) -> None:
    answer = ask("The sea is blue.").json()

    [item] = answer["data"]
    assert (answer["object"], answer["model"]) == ("list", "demo")
    assert (item["object"], item["index"], len(item["embedding"])) == ("embedding", 0, SIZE)
    assert cosine(item["embedding"], item["embedding"]) == pytest.approx(1, abs=1e-5)
    usage = UsageLog.objects.get()
    assert answer["usage"] == {
        "prompt_tokens": usage.input_tokens,
        "total_tokens": usage.total_tokens,
    }
    assert usage.output_tokens == 0


def test_vectors_come_in_the_order_of_their_texts(ask: Ask, serving: Serving) -> None:
    texts = ["the sea", "a very long story of a ship " * 20, "the sea", "hello"]

    response = ask(texts)

    found = vectors(response)
    assert [item["index"] for item in response.json()["data"]] == [0, 1, 2, 3]
    assert cosine(found[0], found[2]) == pytest.approx(1, abs=1e-4)
    for text, vector in zip(texts, found, strict=True):
        assert cosine(vectors(ask(text))[0], vector) > 0.999


def test_tokens_have_the_vector_of_their_text(ask: Ask, serving: Serving) -> None:
    text = vectors(ask("the sea"))[0]
    runner = serving.worker.runners[serving.model.pk][1]
    tokens = runner._vocabulary.tokenize("the sea")

    alone, both = vectors(ask(tokens)), vectors(ask([tokens, [5]]))

    assert cosine(alone[0], text) == pytest.approx(1, abs=1e-5)
    assert cosine(both[0], text) > 0.999


def test_base64_says_the_same_as_numbers(ask: Ask, serving: Serving) -> None:
    [numbers] = vectors(ask("the sea"))
    [written] = vectors(ask("the sea", encoding_format="base64"))

    assert array("f", base64.b64decode(written)) == array("f", numbers)


def test_fewer_dimensions(ask: Ask, serving: Serving) -> None:
    [whole], [short] = vectors(ask("the sea")), vectors(ask("the sea", dimensions=64))

    assert len(short) == 64
    assert cosine(short, short) == pytest.approx(1, abs=1e-5)
    assert cosine(short, whole[:64]) == pytest.approx(cosine(whole[:64], whole[:64]) ** 0.5, 1e-4)
    assert vectors(ask("the sea", dimensions=SIZE)) == [whole]


def test_more_dimensions_than_there_are(ask: Ask, serving: Serving) -> None:
    response = ask("the sea", dimensions=SIZE + 1)

    assert error_of(response) == (400, "invalid_value", "dimensions")
    assert str(SIZE) in response.json()["error"]["message"]


def test_a_text_that_is_too_long(ask: Ask, serving: Serving) -> None:
    response = ask(["short", "sea " * 5000])

    assert error_of(response) == (400, "context_length_exceeded", "input")
    message = response.json()["error"]["message"]
    assert message.startswith("input[1] has ")
    assert "tokens; at most 1024 fit" in message


def test_a_token_that_is_none(ask: Ask, serving: Serving) -> None:
    assert error_of(ask([[1, 2], [1, 99_999]])) == (400, "invalid_value", "input")


@pytest.mark.parametrize(
    ("input", "param"),
    [
        (None, "input"),
        (3, "input"),
        ("", "input"),
        ([], "input"),
        ({}, "input"),
        ([{}], "input"),
        ([1.5], "input"),
        ([True, False], "input"),
        ([-1], "input"),
        ([2**31], "input"),
        (["a", ""], "input[1]"),
        (["a", 1], "input[1]"),
        ([1, "a"], "input"),
        ([[1], []], "input[1]"),
        ([[1], ["a"]], "input[1]"),
        ([[1], [[1]]], "input[1]"),
        (["a"] * (MOST_INPUTS + 1), "input"),
    ],
)
def test_what_is_no_input(input: Any, param: str, ask: Ask, here: None) -> None:
    assert error_of(ask(input)) == (400, "invalid_value", param)
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"encoding_format": "hex"}, "encoding_format", "invalid_value"),
        ({"dimensions": 0}, "dimensions", "invalid_value"),
        ({"dimensions": "4"}, "dimensions", "invalid_value"),
        ({"user": 1}, "user", "invalid_value"),
        ({"temperature": 1}, "temperature", "unknown_parameter"),
    ],
)
def test_what_can_not_be_asked_for(
    fields: dict[str, Any], param: str, code: str, ask: Ask, here: None
) -> None:
    assert error_of(ask("hello", **fields)) == (400, code, param)


def test_a_model_that_is_not_there(ask: Ask, here: None) -> None:
    assert error_of(ask("hello", model="none")) == (404, "model_not_found", "model")


def test_without_a_worker(ask: Ask, model: AIModel) -> None:
    assert ask("hello").status_code == 503


def test_without_a_key(client: Client, here: None) -> None:
    body = {"model": "demo", "input": "hello"}

    assert client.post(URL, body, content_type="application/json").status_code == 401


def test_a_model_that_only_makes_vectors(
    ask: Ask, api: Client, serving: Serving, settings: Any, tmp_path: Path
) -> None:
    settings.MODELS_DIR = tmp_path
    tiny_encoder.write(tmp_path / "parley-demo.gguf")
    chat = {"model": "demo", "messages": [{"role": "user", "content": "hello"}]}

    refused = api.post("/v1/chat/completions", chat, content_type="application/json")
    found = vectors(ask(["hello", "the sea", "hello"]))

    assert error_of(refused)[:2] == (400, "invalid_value")
    assert "embeddings" in refused.json()["error"]["message"]
    assert len(found[0]) == tiny_encoder.WIDTH
    assert cosine(found[0], found[2]) == pytest.approx(1, abs=1e-5)


@pytest.fixture
async def program(key: dict[str, str], here: None) -> AsyncIterator[Browser]:
    """Has asked for a vector."""
    program = Browser(key, json.dumps({"model": "demo", "input": "hello"}).encode(), URL)
    task = asyncio.create_task(program.run())
    yield program
    program.go_away()
    await asyncio.wait_for(task, 5)


async def test_one_that_is_stopped_elsewhere(program: Browser) -> None:
    await runs.astop([await waiting_run()])

    start = await asyncio.wait_for(program.answers.get(), 10)

    assert start["status"] == 409


async def test_a_program_that_goes_away_stops_it(program: Browser) -> None:
    run = await waiting_run()

    program.go_away()

    async with asyncio.timeout(5):
        while run.is_live:
            await asyncio.sleep(0.01)
            await run.arefresh_from_db()
    assert (run.status, run.reason) == ("stopped", "cancelled")


async def waiting_run() -> Generation:
    async with asyncio.timeout(5):
        while not (run := await Generation.objects.afirst()):
            await asyncio.sleep(0.01)
    return run


def test_a_stranger_can_not_stop_it(api: Client, bob: User, model: AIModel) -> None:
    theirs = Generation.objects.create(
        user=bob, model=model, kind=Generation.Kind.EMBEDDING, prompt=["hello"]
    )

    assert api.delete(f"/api/v1/queue/{theirs.pk}").status_code == 404
