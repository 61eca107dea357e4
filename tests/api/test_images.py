"""Requests with images, to each API: what becomes of them, and what is refused."""

import struct
import zlib
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from inference import vision
from inference.models import AIModel, Generation, RunImage
from tests.api.conftest import Answering
from tests.api.events import post
from tests.api.seeing import Fields, chat, data_url, message, picture, response, source

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not vision.is_built(), reason="llama.cpp was built without mtmd"),
]

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
PICTURE = picture()
SHOWN = [{"type": "text", "text": "What?"}, {"type": "image", "image": 0}]
EACH = {
    CHAT: chat(data_url(PICTURE)),
    RESPONSES: response(data_url(PICTURE)),
    MESSAGES: message(source(PICTURE)),
}


@pytest.fixture
def seeing(model: AIModel) -> AIModel:
    """The model reads images, as far as its row says."""
    model.projector = "mmproj.gguf"
    model.save()
    return model


async def ask(key: dict[str, str], url: str, fields: Fields) -> Any:
    return await post(key, url, {"model": "demo"} | fields)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize(("url", "fields"), EACH.items(), ids=EACH.keys())
async def test_an_image_reaches_the_run(
    url: str, fields: Fields, key: dict[str, str], seeing: AIModel, answering: Answering
) -> None:
    with answering("x") as answerer:
        assert (await ask(key, url, fields)).status_code == 200

    [run] = answerer.seen
    assert run.has_images
    assert run.messages == [{"role": "user", "content": SHOWN}]
    assert not await RunImage.objects.aexists()  # as it has ended


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_formats(
    format: str, key: dict[str, str], seeing: AIModel, answering: Answering
) -> None:
    shown = data_url(picture(format), f"image/{format.lower()}")
    with answering("x"):
        assert (await ask(key, CHAT, chat(shown))).status_code == 200


async def test_each_choice_has_the_image(
    key: dict[str, str], seeing: AIModel, worker: None, answering: Answering
) -> None:
    with answering("x") as answerer:
        answer = await ask(key, CHAT, chat(data_url(PICTURE), data_url(PICTURE)) | {"n": 2})

    assert len(answer.json()["choices"]) == 2
    assert [run.has_images for run in answerer.seen] == [True, True]


async def test_a_result_of_a_tool_may_be_an_image(
    key: dict[str, str], seeing: AIModel, answering: Answering
) -> None:
    call = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
    image = {"type": "image", "source": source(PICTURE)}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [image], "is_error": True}
    turns = [
        {"role": "user", "content": "Look!"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
        {"role": "user", "content": [image, {"type": "text", "text": "And this?"}]},
    ]
    with answering("x") as answerer:
        answer = await ask(key, MESSAGES, {"messages": turns, "max_tokens": 50})

    assert answer.status_code == 200, answer.content
    said, shown = answerer.seen[0].messages[2:]
    assert said["content"] == [
        {"type": "text", "text": "Error: "},
        {"type": "image", "image": 0},
    ]
    assert shown["content"] == [
        {"type": "image", "image": 1},
        {"type": "text", "text": "And this?"},
    ]


async def test_turns_of_the_same_role_become_one(
    key: dict[str, str], seeing: AIModel, answering: Answering
) -> None:
    one, other = message(source(PICTURE)), message(source(PICTURE))
    turns = one["messages"] + other["messages"]
    with answering("x") as answerer:
        await ask(key, MESSAGES, {"messages": turns, "max_tokens": 50})

    [turn] = answerer.seen[0].messages
    kinds = [part.get("text", part.get("image")) for part in turn["content"]]
    assert kinds == ["What?", 0, "What?", 1]


BAD_FILES = {
    "no image": (b"hello", "must be one of"),
    "nothing": (b"", "must be one of"),
    "another format": (picture("BMP"), "must be one of"),
    "half an image": (picture(size=(200, 200))[:60], "can't be read"),
    "half a photograph": (picture("JPEG", (400, 400))[:-300], "can't be read"),
    "a bomb": (bomb(60_000, 60_000), "million pixels"),
    "fewer pixels than it says": (bomb(2_000, 2_000), "can't be read"),
    "no pixels": (bomb(0, 5), ""),
    "a stripe": (picture(size=(1, 400)), "too narrow"),
}


@pytest.mark.parametrize(("file", "complaint"), BAD_FILES.values(), ids=BAD_FILES.keys())
async def test_a_bad_file(
    file: bytes, complaint: str, key: dict[str, str], seeing: AIModel, worker: None
) -> None:
    wrong = {
        CHAT: (chat(data_url(file)), "messages[0].content[1].image_url.url"),
        RESPONSES: (response(data_url(file)), "input[0].content[1].image_url"),
        MESSAGES: (message(source(file)), "messages[0].content[1].source.data"),
    }
    for url, (fields, param) in wrong.items():
        answer = await ask(key, url, fields)

        assert answer.status_code == 400, answer.content
        error = answer.json()["error"]
        assert complaint in error["message"]
        assert error.get("param", error["message"].partition(":")[0]) == param
    assert not await Generation.objects.aexists()


FILE = source(PICTURE)
WRONG = {
    "an address": (CHAT, chat("https://example.org/cat.png"), "[1].image_url.url"),
    "an address of the server's own": (CHAT, chat("http://169.254.169.254/"), "[1].image_url.url"),
    "a file of the server's": (CHAT, chat("file:///etc/passwd"), "[1].image_url.url"),
    "no url": (CHAT, chat(None), "[1]"),
    "a vector graphic": (CHAT, chat(data_url(b"<svg/>", "image/svg+xml")), "[1].image_url.url"),
    "no base64": (CHAT, chat("data:image/png,hello"), "[1].image_url.url"),
    "wrong base64": (CHAT, chat("data:image/png;base64,ä!"), "[1].image_url.url"),
    "too many": (CHAT, chat(*[data_url(PICTURE)] * 17), "[17]"),
    "an address in a response": (RESPONSES, response("https://example.org/"), "[1].image_url"),
    "no image in a response": (RESPONSES, response(5), "[1]"),
    "no source": (MESSAGES, message(None), "[1]"),
    "an address as source": (
        MESSAGES,
        message({"type": "url", "url": "https://example.org/"}),
        "[1].source.type",
    ),
    "a file as source": (MESSAGES, message({"type": "file", "file_id": "f"}), "[1].source.type"),
    "another type": (
        MESSAGES,
        message(FILE | {"media_type": "text/html"}),
        "[1].source.media_type",
    ),
    "a number as type": (MESSAGES, message(FILE | {"media_type": 5}), "[1].source.media_type"),
    "a number as data": (MESSAGES, message(FILE | {"data": 5}), "[1]"),
}


@pytest.mark.parametrize(("url", "fields", "place"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_part(
    url: str, fields: Fields, place: str, key: dict[str, str], seeing: AIModel, worker: None
) -> None:
    answer = await ask(key, url, fields)

    assert answer.status_code == 400, answer.content
    error = answer.json()["error"]
    where = ("input" if url == RESPONSES else "messages") + "[0].content" + place
    assert error.get("param", error["message"].partition(":")[0]) == where
    assert not await Generation.objects.aexists()


@pytest.mark.parametrize(("url", "fields"), EACH.items(), ids=EACH.keys())
async def test_a_model_that_reads_none(
    url: str, fields: Fields, key: dict[str, str], model: AIModel, worker: None
) -> None:
    answer = await ask(key, url, fields)

    assert answer.status_code == 400
    message = answer.json()["error"]["message"]
    assert "reads no images" in message
    assert "content[1].type" in (answer.json()["error"].get("param") or message)


async def test_a_server_without_support(
    key: dict[str, str], seeing: AIModel, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vision, "is_built", lambda: False)

    answer = await ask(key, CHAT, EACH[CHAT])

    assert answer.status_code == 400
    assert "libmtmd" in answer.json()["error"]["message"]


async def test_a_system_prompt_has_none(key: dict[str, str], seeing: AIModel, worker: None) -> None:
    image = {"type": "image_url", "image_url": {"url": data_url(PICTURE)}}

    answer = await ask(key, CHAT, {"messages": [{"role": "system", "content": [image]}]})

    assert answer.json()["error"]["param"] == "messages[0].content[0].type"


async def test_the_tokens_of_images_are_not_counted(key: dict[str, str], seeing: AIModel) -> None:
    fields = message(source(PICTURE))
    del fields["max_tokens"]

    answer = await ask(key, f"{MESSAGES}/count_tokens", fields)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("messages[0].content[1].type")


def test_models_tell_what_they_can_read(api: Client, seeing: AIModel) -> None:
    assert api.get("/v1/models/demo").json()["input_modalities"] == ["text", "image"]
    assert api.get("/api/v1/models/demo").json()["reads_images"]


async def test_an_estimate_counts_images(
    key: dict[str, str], seeing: AIModel, answering: Answering
) -> None:
    with answering("x") as answerer:
        await ask(key, CHAT, EACH[CHAT])

    assert answerer.seen[0].prompt_tokens > 100
    assert await sync_to_async(lambda: Generation.objects.get().has_images)()
