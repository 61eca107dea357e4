"""POST /api/v1/tokenize: the demo model's own vocabulary, without a worker."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from inference.models import AIModel

URL = "/api/v1/tokenize"

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(model: AIModel) -> AIModel:
    model.path = str(settings.DEMO_MODEL_DIR / "parley-demo.gguf")
    model.save()
    return model


def ask(api: Client, prompt: Any, model_id: Any = "demo") -> Any:
    return api.post(URL, {"model_id": model_id, "prompt": prompt}, "application/json")


@pytest.mark.parametrize("prompt", ["Hello world", "Grüße, 你好 🎉\n\n  x", " ", "a\r\nb"])
def test_the_tokens_are_the_text(prompt: str, api: Client, demo: AIModel) -> None:
    answer = ask(api, prompt).json()

    assert "".join(answer["tokens"]) == prompt
    assert answer["count"] == len(answer["tokens"]) == len(answer["token_ids"])
    assert all(isinstance(id, int) for id in answer["token_ids"])


def test_the_default_model_is_asked_if_none_is_named(api: Client, demo: AIModel) -> None:
    assert ask(api, "Hello", None).json() == ask(api, "Hello").json()


def test_nothing_has_no_text(api: Client, demo: AIModel) -> None:
    answer = ask(api, "").json()

    assert "".join(answer["tokens"]) == ""


def test_an_unknown_model_is_404(api: Client, demo: AIModel) -> None:
    assert ask(api, "Hello", "other").status_code == 404


def test_a_model_whose_file_is_not_here_is_503(api: Client, model: AIModel) -> None:
    response = ask(api, "Hello")

    assert (response.status_code, response.json()["code"]) == (503, "model_unavailable")


@pytest.mark.parametrize("prompt", [None, 5, ["Hello"], "\ud800"])
def test_bad_input_is_400(prompt: Any, api: Client, demo: AIModel) -> None:
    assert ask(api, prompt).status_code == 400


def test_a_key_is_needed(client: Client, demo: AIModel) -> None:
    assert ask(client, "Hello").status_code == 401
