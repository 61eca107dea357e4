"""Calls in the forms of several families of models, with real vocabularies: whether the words that
calls are written with are control tokens, which have no text, or words that are shown."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from accounts.models import User
from inference import lifecycle
from inference.api.parts import Reading
from inference.ask import Ask
from inference.models import AIModel, AIProvider, Generation
from inference.token_log import TokenLog
from inference.tools import channels
from inference.worker.worker import Worker
from tests.inference import chat_templates as templates
from tests.inference import tiny_chat

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = {"role": "user", "content": "What is the weather?"}
WEATHER = {
    "name": "get_weather",
    "description": "Tells the weather of a place.",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"enum": ["celsius", "fahrenheit"]},
            "days": {"type": "integer", "minimum": 1, "maximum": 9},
            "hours": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["city", "unit", "days"],
    },
    "strict": True,
}
CLOCK = {
    "name": "get_time",
    "description": "Tells the time.",
    "parameters": {"type": "object", "properties": {}},
    "strict": False,
}
SCHEMAS: Any = {tool["name"]: tool["parameters"] for tool in (WEATHER, CLOCK)}
TOOLS = {"functions": [WEATHER, CLOCK], "choice": "required", "parallel": True}


@dataclass(frozen=True)
class Family:
    template: str
    end: str
    words: tuple[str, ...]
    opening: str
    calls_once: bool = False


FAMILIES = {
    "tags": Family(
        templates.XML, "<|im_end|>", ("<tool_call>", "</tool_call>"), "<tool_call>\n<function="
    ),
    "pairs": Family(
        templates.KEYS_AND_VALUES,
        "<|endoftext|>",
        (
            *("<tool_call>", "</tool_call>", "<arg_key>", "</arg_key>"),
            *("<arg_value>", "</arg_value>", "<|assistant|>"),
        ),
        "<tool_call>",
    ),
    "numbered": Family(
        templates.NUMBERED,
        "<|im_end|>",
        (
            *("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", "<|tool_call_begin|>"),
            *("<|tool_call_argument_begin|>", "<|tool_call_end|>"),
        ),
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.",
    ),
    "untold": Family(
        templates.CALLS_UNTOLD,
        "<｜end▁of▁sentence｜>",
        (
            *("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "<｜tool▁call▁begin｜>"),
            *("<｜tool▁sep｜>", "<｜tool▁call▁end｜>"),
        ),
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>",
    ),
    "channels": Family(
        templates.CHANNELS,
        "<|return|>",
        ("<|call|>", *channels.WORDS),
        channels.FORMAT.opening,
        calls_once=True,
    ),
}


@pytest.fixture(scope="module")
def worker_of_families() -> Iterator[Worker]:
    worker = Worker("families")
    yield worker
    for _shape, runner in worker.runners.values():
        runner.close()


@pytest.fixture(params=["control", "shown"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES[request.param]


Run = Callable[..., Generation]


@pytest.fixture
def run(family: Family, kind: str, alice: User, worker_of_families: Worker, tmp_path: Path) -> Run:
    control, shown = ([family.end, *family.words], [])
    if kind == "shown":
        control, shown = [family.end], list(family.words)
    path = tiny_chat.write(tmp_path / "tiny.gguf", family.template, control, shown)
    provider = AIProvider.objects.create(name="Local")
    model = AIModel.objects.create(name="tiny", provider=provider, path=str(path))

    def run(tools: dict[str, Any], **parameters: Any) -> Generation:
        asked = {"max_tokens": 400, "temperature": 1.0, "seed": 1} | parameters
        run = lifecycle.submit(alice, model, Ask([QUESTION], tools), asked, Generation.Source.API)
        worker_of_families.serve(model)
        return run

    return run


def read(run: Generation) -> Reading:
    reading = Reading(run)
    for event in TokenLog.default().events(run.pk):
        reading.take(event)
    run.refresh_from_db()
    assert run.status == Generation.Status.DONE, run.error
    return reading


def test_required_calls_are_whole_and_follow_their_schemas(family: Family, run: Run) -> None:
    for seed, max_tokens in ((1, 200), (2, 400)):
        reading = read(started := run(TOOLS, seed=seed, max_tokens=max_tokens))

        assert reading.text == ""
        assert reading.calls
        assert len(reading.calls) == 1 or not family.calls_once
        assert family.opening in TokenLog.default().text(started.pk)
        for call in reading.calls:
            validate(json.loads(call.arguments), SCHEMAS[call.name])
        assert reading.finish_reason == "tool_calls"


def test_a_function_can_be_chosen(run: Run) -> None:
    for name in SCHEMAS:
        [call] = read(run(TOOLS | {"choice": {"name": name}})).calls

        assert call.name == name
        validate(json.loads(call.arguments), SCHEMAS[name])


def test_what_begins_as_a_call_by_chance_is_one(run: Run) -> None:
    reading = read(run(TOOLS | {"choice": "auto"}, max_tokens=400))

    for call in reading.calls:
        validate(json.loads(call.arguments), SCHEMAS[call.name])


def test_an_answer_that_follows_a_schema_has_it_in_its_text(run: Run) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}

    reading = read(run({}, json_schema=schema, max_tokens=80))

    validate(json.loads(reading.text), schema)
    assert not re.search(r"<\|", reading.text)
