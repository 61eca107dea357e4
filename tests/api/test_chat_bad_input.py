"""What a request for a chat completion may not say."""

from typing import Any

import pytest
from django.test import Client

from inference.models import AIModel
from tests.api.bad_chats import TEXT, chat, refusal, said

pytestmark = pytest.mark.django_db


def call(**fields: Any) -> dict[str, Any]:
    function = {"name": "f", "arguments": "{}"} | fields
    return {"id": "a", "type": "function", "function": function}


CALLED = {"role": "assistant", "content": None, "tool_calls": [call()]}


def tool(**fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f"} | fields}


TOOL = tool()


def named(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


def json_format(grammar: str | None = None, **fields: Any) -> bytes:
    described = {"name": "answer", "schema": {"type": "object"}} | fields
    format = {"type": "json_schema", "json_schema": described}
    return chat(response_format=format, grammar=grammar)


WRONG: dict[str, tuple[bytes, str]] = {
    "no model": (b'{"messages": []}', "model"),
    "no messages": (b'{"model": "demo"}', "messages"),
    "a model that is a number": (chat(model=5), "model"),
    "NUL in the model": (chat(model="a\0b"), "model"),
    "NUL in a message": (said("a\0b"), "messages[0].content"),
    "NUL in a name": (chat(**{"a\0b": 1}), ""),
    "an endless temperature": (chat(temperature=5).replace(b"5", b"5e999"), "temperature"),
    "an endless number in a schema": (
        json_format(schema={"maximum": 5}).replace(b"5", b"-1" + b"0" * 400 + b".5"),
        "response_format.json_schema.schema.maximum",
    ),
    "messages that are a text": (chat(messages="Hello"), "messages"),
    "messages that are none": (chat(messages=[]), "messages"),
    "too many messages": (chat(messages=TEXT * 3000), "messages"),
    "a message that is a text": (chat(messages=["Hello"]), "messages[0]"),
    "a message without a role": (chat(messages=[{"content": "x"}]), "messages[0].role"),
    "an unknown role": (chat(messages=[{"role": "king", "content": "x"}]), "messages[0].role"),
    "a role that is a list": (chat(messages=[{"role": [], "content": "x"}]), "messages[0].role"),
    "a result without a call": (
        chat(messages=[{"role": "tool", "content": "x"}]),
        "messages[0].tool_call_id",
    ),
    "a result of an unknown call": (
        chat(messages=[*TEXT, CALLED, {"role": "tool", "content": "x", "tool_call_id": "b"}]),
        "messages[2].tool_call_id",
    ),
    "a result without content": (
        chat(messages=[*TEXT, CALLED, {"role": "tool", "tool_call_id": "a"}]),
        "messages[2].content",
    ),
    "a call that is a text": (
        chat(messages=[*TEXT, CALLED | {"tool_calls": ["f"]}]),
        "messages[1].tool_calls[0]",
    ),
    "a call with an object as arguments": (
        chat(messages=[*TEXT, CALLED | {"tool_calls": [call(arguments={})]}]),
        "messages[1].tool_calls[0]",
    ),
    "an answer without content or calls": (
        chat(messages=[*TEXT, {"role": "assistant", "content": None}]),
        "messages[1].content",
    ),
    "an answer with a call of old": (
        chat(
            messages=[*TEXT, {"role": "assistant", "content": "", "function_call": {"name": "f"}}]
        ),
        "messages[1].function_call",
    ),
    "an answer with a call's id": (
        chat(messages=[*TEXT, CALLED | {"tool_call_id": "a"}]),
        "messages[1].tool_call_id",
    ),
    "no content": (chat(messages=[{"role": "user"}]), "messages[0].content"),
    "a number as content": (said(5), "messages[0].content"),
    "no parts": (said([]), "messages[0].content"),
    "a part that is a text": (said(["x"]), "messages[0].content[0]"),
    "a part without a type": (said([{"text": "x"}]), "messages[0].content[0]"),
    "a text part without text": (said([{"type": "text"}]), "messages[0].content[0].text"),
    "an image": (
        said([{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "x"}}]),
        "messages[0].content[1].type",
    ),
    "a file": (said([{"type": "file", "file": {}}]), "messages[0].content[0].type"),
    "an audio": (said([{"type": "input_audio"}]), "messages[0].content[0].type"),
    "a name that is a number": (said("x", name=5), "messages[0].name"),
    "tool calls": (said("x", tool_calls=[{"id": "1"}]), "messages[0].tool_calls"),
    "a text as temperature": (chat(temperature="hot"), "temperature"),
    "true as temperature": (chat(temperature=True), "temperature"),
    "too hot": (chat(temperature=99), "temperature"),
    "too cold": (chat(temperature=-1), "temperature"),
    "infinite": (chat().replace(b"}]", b'}], "temperature": 1e999'), "temperature"),
    "top_p over 1": (chat(top_p=1.5), "top_p"),
    "a fraction as top_k": (chat(top_k=1.5), "top_k"),
    "min_p below 0": (chat(min_p=-0.1), "min_p"),
    "no tokens": (chat(max_tokens=0), "max_tokens"),
    "less than no tokens": (chat(max_tokens=-5), "max_tokens"),
    "too many tokens": (chat(max_tokens=10**30), "max_tokens"),
    "no completion tokens": (chat(max_completion_tokens=0), "max_completion_tokens"),
    "two limits": (chat(max_tokens=5, max_completion_tokens=6), "max_tokens"),
    "a huge seed": (chat(seed=2**64), "seed"),
    "a fraction as seed": (chat(seed=0.5), "seed"),
    "a penalty too high": (chat(presence_penalty=3), "presence_penalty"),
    "a penalty too low": (chat(frequency_penalty=-3), "frequency_penalty"),
    "a repeat penalty of 0": (chat(repeat_penalty=0), "repeat_penalty"),
    "an empty stop": (chat(stop=""), "stop"),
    "a number as stop": (chat(stop=5), "stop"),
    "numbers as stops": (chat(stop=[5]), "stop"),
    "too many stops": (chat(stop=["x"] * 100), "stop"),
    "a huge stop": (chat(stop="x" * 10_000), "stop"),
    "a text as stream": (chat(stream="yes"), "stream"),
    "a list as stream_options": (chat(stream=True, stream_options=[]), "stream_options"),
    "stream_options without a stream": (
        chat(stream_options={"include_usage": True}),
        "stream_options",
    ),
    "tools that are a text": (chat(tools="f"), "tools"),
    "a tool that is a text": (chat(tools=["f"]), "tools[0]"),
    "a tool of another type": (chat(tools=[{"type": "web_search"}]), "tools[0].type"),
    "a tool without a function": (chat(tools=[{"type": "function"}]), "tools[0].function"),
    "a tool with an unknown field": (chat(tools=[TOOL | {"x": 1}]), "tools[0].x"),
    "a function without a name": (chat(tools=[tool(name=None)]), "tools[0].function.name"),
    "a function with spaces": (chat(tools=[tool(name="a b")]), "tools[0].function.name"),
    "a function with an unknown field": (chat(tools=[tool(x=1)]), "tools[0].function.x"),
    "a function without a schema": (
        chat(tools=[tool(parameters="none")]),
        "tools[0].function.parameters",
    ),
    "two tools of a name": (chat(tools=[TOOL, TOOL]), "tools[1].name"),
    "too many tools": (chat(tools=[tool(name=f"f{at}") for at in range(129)]), "tools"),
    "a forced tool without tools": (chat(tool_choice="required"), "tool_choice"),
    "an unknown tool": (chat(tools=[TOOL], tool_choice=named("g")), "tool_choice"),
    "a choice without a name": (
        chat(tools=[TOOL], tool_choice={"type": "function"}),
        "tool_choice.function.name",
    ),
    "a choice of some tools": (
        chat(tools=[TOOL], tool_choice={"type": "allowed_tools"}),
        "tool_choice.type",
    ),
    "an unknown choice": (chat(tools=[TOOL], tool_choice="any"), "tool_choice"),
    "a text as parallel_tool_calls": (chat(parallel_tool_calls="no"), "parallel_tool_calls"),
    "functions": (chat(functions=[{"name": "f"}]), "functions"),
    "a format that is a text": (chat(response_format="json"), "response_format"),
    "an unknown format": (chat(response_format={"type": "xml"}), "response_format.type"),
    "a format without a schema": (
        chat(response_format={"type": "json_schema"}),
        "response_format.json_schema",
    ),
    "a format without a name": (json_format(name=None), "response_format.json_schema.name"),
    "a format with a strange name": (
        json_format(name="a b"),
        "response_format.json_schema.name",
    ),
    "a format with a text as schema": (
        json_format(schema="object"),
        "response_format.json_schema.schema",
    ),
    "a format that is strict in words": (
        json_format(strict="yes"),
        "response_format.json_schema.strict",
    ),
    "a schema that is none": (json_format(schema={"type": "thing"}), "response_format"),
    "a format and a grammar": (
        json_format(grammar='root ::= "yes"'),
        "response_format",
    ),
    "an unknown effort": (chat(reasoning_effort="heroic"), "reasoning_effort"),
    "an unknown verbosity": (chat(verbosity="mute"), "verbosity"),
    "a tier to pay for": (chat(service_tier="priority"), "service_tier"),
    "an answer to be kept": (chat(store=True), "store"),
    "unknown stream_options": (
        chat(stream=True, stream_options={"pings": True}),
        "stream_options.pings",
    ),
    "a number as logprobs": (chat(logprobs=5), "logprobs"),
    "top_logprobs without logprobs": (chat(top_logprobs=2), "top_logprobs"),
    "top_logprobs and no logprobs": (chat(logprobs=False, top_logprobs=2), "top_logprobs"),
    "too many top_logprobs": (chat(logprobs=True, top_logprobs=21), "top_logprobs"),
    "less than no top_logprobs": (chat(logprobs=True, top_logprobs=-1), "top_logprobs"),
    "no choice": (chat(n=0), "n"),
    "too many choices": (chat(n=9), "n"),
    "a list as logit_bias": (chat(logit_bias=[50]), "logit_bias"),
    "a word as a token": (chat(logit_bias={"fifty": 10}), "logit_bias"),
    "no token": (chat(logit_bias={"-1": 10}), "logit_bias"),
    "a token in other digits": (chat(logit_bias={"\u0665": 10}), "logit_bias"),
    "a token of many digits": (chat(logit_bias={"9" * 5000: 10}), "logit_bias"),
    "a text as bias": (chat(logit_bias={"50": "10"}), "logit_bias"),
    "true as bias": (chat(logit_bias={"50": True}), "logit_bias"),
    "too strong a bias": (chat(logit_bias={"50": 101}), "logit_bias"),
    "too many biases": (chat(logit_bias=dict.fromkeys(map(str, range(2000)), 1)), "logit_bias"),
    "a text as ignore_eos": (chat(ignore_eos="yes"), "ignore_eos"),
    "a list as grammar": (chat(grammar=["root"]), "grammar"),
    "no grammar": (chat(grammar="hello"), "grammar"),
    "a grammar without a root": (chat(grammar='start ::= "a"'), "grammar"),
    "a huge grammar": (chat(grammar='root ::= "a"' + " " * 100_000), "grammar"),
    "audio": (chat(modalities=["text", "audio"]), "modalities"),
    "an unknown parameter": (chat(mirostat=2), "mirostat"),
}


@pytest.mark.parametrize(("content", "param"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_value(
    content: bytes, param: str, api: Client, model: AIModel, worker: None
) -> None:
    response = refusal(api, content)

    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["param"] or "") == param
    assert len(error["message"]) > 10
