"""Programs show images to a model of the running platform, by each API."""

from typing import Any

import httpx2 as httpx
import pytest

from inference import vision
from tests.api.seeing import Fields, chat, data_url, message, picture, response, source
from tests.inference import tiny_vision
from tests.platform import ROOT, Platform

pytestmark = pytest.mark.skipif(not vision.is_built(), reason="llama.cpp was built without mtmd")

RED, BLUE = picture(size=(64, 64), colour="red"), picture(size=(64, 64), colour="blue")
GREEDY = {"temperature": 0, "model": "eyes"}


@pytest.fixture(scope="module")
def api(platform: Platform) -> httpx.Client:
    """Of programs that ask `eyes`, whose answers mean nothing, but depend on what it is shown."""
    demo = ROOT / "demo_model" / "parley-demo.gguf"
    model, projector = tiny_vision.write(demo, platform.data_dir, "qwen2vl_merger")
    told = platform.manage(
        "add_model", "eyes", "--path", str(model), "--mmproj", str(projector), "--slots", "4"
    )
    assert "Added eyes" in told
    headers = {"Authorization": f"Bearer {platform.api_key}"}
    return httpx.Client(base_url=platform.url, headers=headers, timeout=60)


def chat_text(api: httpx.Client, fields: Fields) -> tuple[str, int]:
    """The answer, and the tokens of the prompt."""
    body = GREEDY | {"max_tokens": 8} | fields
    answer = api.post("/v1/chat/completions", json=body).raise_for_status().json()
    return answer["choices"][0]["message"]["content"], answer["usage"]["prompt_tokens"]


def test_the_model_says_that_it_reads_images(api: httpx.Client) -> None:
    told = api.get("/v1/models/eyes").json()

    assert told["input_modalities"] == ["text", "image"]


def test_the_answer_depends_on_the_image(api: httpx.Client) -> None:
    blind, few = chat_text(api, chat())
    red, more = chat_text(api, chat(data_url(RED)))
    blue, _ = chat_text(api, chat(data_url(BLUE)))

    assert len({blind, red, blue}) == 3
    assert more >= few + tiny_vision.TOKENS["qwen2vl_merger"]
    assert chat_text(api, chat(data_url(RED)))[0] == red


def test_the_three_apis_show_the_same(api: httpx.Client) -> None:
    shown, _ = chat_text(api, chat(data_url(RED)))

    body: Any = GREEDY | {"max_output_tokens": 8} | response(data_url(RED))
    answered = api.post("/v1/responses", json=body).raise_for_status().json()
    body = GREEDY | message(source(RED)) | {"max_tokens": 8}
    said = api.post("/v1/messages", json=body).raise_for_status().json()

    assert answered["output"][0]["content"][0]["text"] == shown
    assert said["stop_reason"] == "max_tokens"


def test_an_image_stays_in_sight_in_the_next_turn(api: httpx.Client) -> None:
    def second_turn(image: bytes) -> str:
        turns = chat(data_url(image))["messages"]
        turns += [{"role": "assistant", "content": "It is."}, {"role": "user", "content": "Sure?"}]
        return chat_text(api, {"messages": turns})[0]

    assert second_turn(RED) != second_turn(BLUE)
