"""OpenAI's answers as the OpenAPI document describes them: every field that is sent, no other."""

import json
from typing import Any

import pytest
from django.test import AsyncClient, Client
from ninja import Schema

from inference.api.anthropic import models as anthropic_models
from inference.api.openai import objects as openai_objects
from inference.tools.format import OWN
from tests.api.asking import ask
from tests.api.conftest import Answering

pytestmark = pytest.mark.django_db(transaction=True)

WEATHER = {"name": "weather", "parameters": {"type": "object", "properties": {}}}


def check(answer: dict[str, Any], schema: type[Schema]) -> None:
    assert schema.model_validate(answer).model_dump(exclude_unset=True) == answer


async def test_a_chat_completion(key: dict[str, str], answering: Answering) -> None:
    with answering("Hel", "lo"):
        check((await ask(key)).json(), openai_objects.ChatCompletion)


async def test_one_with_log_probabilities(key: dict[str, str], answering: Answering) -> None:
    with answering("Hel", "lo"):
        answer = await ask(key, logprobs=True, top_logprobs=2, n=2)

    check(answer.json(), openai_objects.ChatCompletion)


async def test_one_with_a_call(key: dict[str, str], answering: Answering) -> None:
    with answering(OWN.written([("weather", "{}")])):
        answer = await ask(key, tools=[{"type": "function", "function": WEATHER}])

    check(answer.json(), openai_objects.ChatCompletion)


@pytest.mark.parametrize("logprobs", [None, 2])
async def test_a_text_completion(
    logprobs: int | None, key: dict[str, str], answering: Answering
) -> None:
    body = {"model": "demo", "prompt": "Once", "logprobs": logprobs}
    with answering(" upon", " a"):
        answer = await AsyncClient().post(
            "/v1/completions", json.dumps(body), content_type="application/json", headers=key
        )

    check(answer.json(), openai_objects.TextCompletion)


def test_models(api: Client, model: Any) -> None:
    anthropic = {"anthropic-version": "2023-06-01"}

    check(api.get("/v1/models").json(), openai_objects.Models)
    check(api.get("/v1/models/demo").json(), openai_objects.Model)
    check(api.get("/v1/models", headers=anthropic).json(), anthropic_models.AnthropicModels)
    check(api.get("/v1/models/demo", headers=anthropic).json(), anthropic_models.AnthropicModel)
