"""Texts gone on with, as OpenAI's older API tells them."""

import json
from typing import Any

import pytest
from django.test import AsyncClient

from accounts.models import User
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from tests.api.asking import chunks, lines
from tests.api.conftest import Answering

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/v1/completions"
DEFAULTS = {"model": "demo", "prompt": "Once"}


async def ask(key: dict[str, str], **fields: Any) -> Any:
    content = json.dumps(DEFAULTS | fields)
    return await AsyncClient().post(URL, content, content_type="application/json", headers=key)


async def test_it_goes_on(key: dict[str, str], answering: Answering) -> None:
    with answering(" upon", " a time") as answerer:
        answer = (await ask(key)).json()

    [generation] = answerer.seen
    assert (generation.kind, generation.prompt, generation.messages) == ("text", "Once", [])
    assert generation.parameters["max_tokens"] == 16
    assert answer["id"] == f"cmpl-{generation.pk.hex}"
    assert answer["object"] == "text_completion"
    assert answer["choices"] == [
        {"text": " upon a time", "index": 0, "logprobs": None, "finish_reason": "stop"}
    ]
    assert answer["usage"]["total_tokens"] == 9


async def test_it_streams(key: dict[str, str], answering: Answering) -> None:
    with answering(" upon", " a “time”"):
        options = {"include_usage": True}
        *found, last = await chunks(await ask(key, stream=True, stream_options=options))

    assert {chunk["object"] for chunk in found} == {"text_completion"}
    assert [chunk["choices"][0] for chunk in found] == [
        {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}
        for text, finish in ((" upon", None), (" a “time”", None), ("", "stop"))
    ]
    assert [chunk["usage"] for chunk in found] == [None] * 3
    assert (last["choices"], last["usage"]["completion_tokens"]) == ([], 2)


@pytest.mark.parametrize(
    ("prompt", "known"),
    [
        ("Once", ["Once"]),
        (["Once"], ["Once"]),
        (["Once", "Twice"], ["Once", "Twice"]),
        ([5, 6, 7], [[5, 6, 7]]),
        ([[5, 6], [7]], [[5, 6], [7]]),
        ("", [""]),
        (None, [""]),
    ],
)
async def test_a_prompt_has_many_forms(
    prompt: Any, known: list[Any], key: dict[str, str], answering: Answering
) -> None:
    with answering("x") as answerer:
        answer = (await ask(key, prompt=prompt)).json()

    assert sorted(map(str, (run.prompt for run in answerer.seen))) == sorted(map(str, known))
    assert [choice["index"] for choice in answer["choices"]] == list(range(len(known)))


async def test_several_choices_of_several_prompts(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("x"):
        answer = (await ask(key, prompt=["Once", "Twice"], n=2, best_of=2, echo=True)).json()

    assert [(choice["index"], choice["text"]) for choice in answer["choices"]] == [
        (0, "Oncex"),
        (1, "Oncex"),
        (2, "Twicex"),
        (3, "Twicex"),
    ]
    assert answer["usage"]["prompt_tokens"] == 2 * 7
    assert answer["usage"]["completion_tokens"] == 4


async def test_an_echo_in_a_stream(key: dict[str, str], answering: Answering) -> None:
    with answering(" upon"):
        found = await chunks(await ask(key, echo=True, stream=True))

    assert [chunk["choices"][0]["text"] for chunk in found] == ["Once", " upon", ""]


async def test_log_probabilities(key: dict[str, str], answering: Answering) -> None:
    with answering(" up", "on"):
        whole = (await ask(key, logprobs=2)).json()["choices"][0]["logprobs"]
        found = await chunks(await ask(key, logprobs=2, stream=True))

    assert whole == {
        "tokens": [" up", "on"],
        "token_logprobs": [-0.1, -0.2],
        "top_logprobs": [
            {" up": -0.1, "bytes:\\xff": -9999.0},
            {"on": -0.2, "bytes:\\xff": -9999.0},
        ],
        "text_offset": [0, 3],
    }
    streamed = [logprobs for chunk in found if (logprobs := chunk["choices"][0]["logprobs"])]
    assert [each["text_offset"] for each in streamed] == [[0], [3]]


async def test_the_request_reaches_the_model(key: dict[str, str], answering: Answering) -> None:
    asked = {"temperature": 0, "stop": "\n", "seed": 7, "max_tokens": 3, "top_k": 5, "logprobs": 0}
    with answering("x") as answerer:
        await ask(key, **asked, user="somebody", suffix="")

    [generation] = answerer.seen
    known = asked | {"stop": ["\n"], "logprobs": True, "top_logprobs": 0}
    assert known.items() <= generation.parameters.items()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("reason", ["too_long", "unreadable"])
async def test_a_prompt_that_the_model_cannot_read(
    stream: bool, reason: str, key: dict[str, str], answering: Answering
) -> None:
    with answering(outcome=Outcome.failed("Too bad.", Generation.Reason(reason))):
        response = await ask(key, stream=stream)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "prompt"


async def test_a_run_that_fails_in_mid_stream(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", outcome=Outcome.failed("Too bad.")):
        found = await lines(await ask(key, stream=True))

    assert json.loads(found[-1].removeprefix("data: "))["error"]["message"] == "Too bad."


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a number as prompt": ({"prompt": 5}, "prompt"),
    "no prompt": ({"prompt": []}, "prompt"),
    "an object as prompt": ({"prompt": {}}, "prompt"),
    "an object among prompts": ({"prompt": ["a", {}]}, "prompt[1]"),
    "an empty list among prompts": ({"prompt": [[1], []]}, "prompt[1]"),
    "texts among tokens": ({"prompt": [1, "a"]}, "prompt"),
    "true as a token": ({"prompt": [1, True]}, "prompt"),
    "a negative token": ({"prompt": [-1]}, "prompt"),
    "a huge token": ({"prompt": [2**31]}, "prompt"),
    "a fraction of a token": ({"prompt": [[1.5]]}, "prompt[0]"),
    "too many prompts": ({"prompt": ["a"] * 100}, "prompt"),
    "no tokens": ({"max_tokens": 0}, "max_tokens"),
    "too many logprobs": ({"logprobs": 6}, "logprobs"),
    "true as logprobs": ({"logprobs": True}, "logprobs"),
    "best of more": ({"best_of": 3}, "best_of"),
    "a suffix": ({"suffix": "end"}, "suffix"),
    "an echo with logprobs": ({"echo": True, "logprobs": 1}, "echo"),
    "messages": ({"messages": []}, "messages"),
}


@pytest.mark.parametrize(("fields", "param"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_value(
    fields: dict[str, Any], param: str, key: dict[str, str], worker: None
) -> None:
    response = await ask(key, **fields)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == param
    assert not await Generation.objects.aexists()


async def test_without_room_for_all_prompts_there_is_none(
    key: dict[str, str], worker: None, model: AIModel, alice: User, settings: Any
) -> None:
    settings.MAX_WAITING_PER_USER = 3
    waiting = await Generation.objects.acreate(user=alice, model=model)

    response = await ask(key, prompt=["a", "b", "c"])

    assert response.status_code == 429
    assert await Generation.objects.aget() == waiting


async def test_nobody_gets_in_without_a_key(worker: None) -> None:
    assert (await ask({})).status_code == 401
