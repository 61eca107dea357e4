"""Tools with the demo model in a worker, whose template knows none."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from jsonschema import validate

from accounts.models import User
from inference import lifecycle
from inference.ask import Ask
from inference.models import AIModel, AIProvider, Generation
from inference.token_log import Started, TokenLog, Tokens
from inference.tools.format import Format
from inference.tools.parser import CallArguments, CallParser, CallStarted, Part, Text
from inference.worker.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

WEATHER = {
    "name": "get_weather",
    "description": "Tells the weather of a place.",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"enum": ["celsius", "fahrenheit"]},
            "days": {"type": "integer", "minimum": 1, "maximum": 9},
        },
        "required": ["city", "unit", "days"],
    },
    "strict": True,
}
CLOCK = {
    "name": "get_time",
    "description": "Tells the time.",
    "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}},
    "strict": False,
}
SCHEMAS: Any = {tool["name"]: tool["parameters"] for tool in (WEATHER, CLOCK)}

Call = tuple[str, Any]


@pytest.fixture(scope="module")
def demo_worker() -> Iterator[Worker]:
    """Its model stays loaded."""
    worker = Worker("demo")
    yield worker
    for _shape, runner in worker.runners.values():
        runner.close()


@pytest.fixture
def demo(db: None) -> AIModel:
    provider = AIProvider.objects.create(name="Local")
    path = settings.DEMO_MODEL_DIR / "parley-demo.gguf"
    return AIModel.objects.create(pk=1, name="demo", provider=provider, path=str(path))


@pytest.fixture
def answer(alice: User, demo: AIModel, demo_worker: Worker) -> Any:
    def answer(question: str = "What is the weather in Rome?", **options: Any) -> Generation:
        tools = {"functions": [WEATHER, CLOCK], "choice": "auto", "parallel": True}
        chat = [{"role": "user", "content": question}, *options.pop("then", ())]
        ask = Ask(chat, tools | options.pop("tools", {}))
        parameters = {"max_tokens": 200, "temperature": 1.0, "seed": 4} | options
        run = lifecycle.submit(alice, demo, ask, parameters, Generation.Source.API)
        demo_worker.serve(demo)
        run.refresh_from_db()
        assert run.status == Generation.Status.DONE, run.error
        return run

    return answer


def read(run: Generation) -> tuple[str, list[Call]]:
    """As any reader of the log reads it."""
    events = TokenLog.default().events(run.pk)
    started = events[0]
    assert isinstance(started, Started)
    assert started.tools
    parser = CallParser(Format.from_json(started.tools))
    parts: list[Part] = []
    for event in events:
        if isinstance(event, Tokens):
            parts += parser.feed(event.text)
    parts += parser.finish()
    names = [part.name for part in parts if isinstance(part, CallStarted)]
    texts = [
        "".join(part.text for part in parts if isinstance(part, CallArguments) and part.index == at)
        for at in range(len(names))
    ]
    text = "".join(part.text for part in parts if isinstance(part, Text))
    return text, list(zip(names, map(json.loads, texts), strict=True))


@pytest.mark.parametrize("max_tokens", [70, 200])
def test_a_required_call_has_valid_arguments_however_few_tokens_there_are(
    answer: Any, max_tokens: int
) -> None:
    for seed in range(2):
        run = answer(tools={"choice": "required"}, max_tokens=max_tokens, seed=seed)

        text, calls = read(run)
        assert text == ""
        assert calls
        for name, arguments in calls:
            validate(arguments, SCHEMAS[name])


def test_a_named_function_is_called_once(answer: Any) -> None:
    for tool in (WEATHER, CLOCK):
        text, calls = read(answer(tools={"choice": {"name": tool["name"]}}))

        assert text == ""
        assert [name for name, _arguments in calls] == [tool["name"]]


def test_one_call_is_all_where_calls_are_not_parallel(answer: Any) -> None:
    for seed in range(2):
        run = answer(tools={"choice": "required", "parallel": False}, seed=seed)

        assert len(read(run)[1]) == 1


def test_who_may_choose_answers_in_words(answer: Any) -> None:
    text, calls = read(answer("Hello!", temperature=0))

    assert text
    assert calls == []


def test_results_of_calls_are_read(answer: Any) -> None:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'},
    }
    then = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]

    shorter, longer = answer(), answer(then=then)

    assert longer.prompt_tokens > shorter.prompt_tokens


def test_a_run_without_tools_says_nothing_of_them(answer: Any) -> None:
    run = answer(tools={"choice": "none"})

    assert TokenLog.default().events(run.pk)[0] == Started("1-0")
