"""Runs with images, from their rows to their account, with a real model that sees."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from accounts.models import User
from inference import lifecycle, queue, vision
from inference.ask import Ask
from inference.engine.images import ImageError, Picture
from inference.engine.llama import images as llama_images
from inference.models import AIModel, Generation, RunImage, UsageLog
from inference.token_log import Started, TokenLog, Tokens
from inference.worker import images
from inference.worker.worker import Worker
from tests.inference import tiny_vision
from tests.inference.working import wait_until

Status, Reason = Generation.Status, Generation.Reason
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not vision.is_built(), reason="llama.cpp was built without mtmd"),
]

DEMO = settings.DEMO_MODEL_DIR / "parley-demo.gguf"


def png(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


CAT, DOG = png(1), png(2)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return tiny_vision.write(DEMO, tmp_path_factory.mktemp("eyes"), "qwen2vl_merger")


@pytest.fixture
def seeing(model: AIModel, files: tuple[Path, Path]) -> AIModel:
    """The model reads images."""
    model.path, model.projector = map(str, files)
    model.context_window = 512
    model.save()
    return model


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("w1")
    yield worker
    worker.close()


def ask(user: User, model: AIModel, *images: bytes, **parameters: Any) -> Generation:
    shown = [{"type": "image", "image": number} for number, _image in enumerate(images)]
    content = [*shown, {"type": "text", "text": "What is this?"}]
    asked = Ask([{"role": "user", "content": content if images else "What is this?"}])
    asked = Ask(asked.messages, images=images)
    greedy = {"temperature": 0.0, "max_tokens": 12} | parameters
    return lifecycle.submit(user, model, asked, greedy, Generation.Source.API)


def answers(worker: Worker, model: AIModel, *runs: Generation) -> list[str]:
    worker.serve(model)
    for run in runs:
        run.refresh_from_db()
        assert run.status == Status.DONE, run.error
    return [TokenLog.default().text(run.pk) for run in runs]


def test_the_answer_depends_on_the_image(alice: User, seeing: AIModel, worker: Worker) -> None:
    runs = [ask(alice, seeing, image) for image in (CAT, DOG, CAT)]

    cat, dog, again = answers(worker, seeing, *runs)

    assert cat == again != dog


def test_an_image_is_accounted_by_its_tokens_and_then_forgotten(
    alice: User, seeing: AIModel, worker: Worker
) -> None:
    blind, seen = ask(alice, seeing), ask(alice, seeing, CAT, DOG)
    assert RunImage.objects.filter(generation=seen).count() == 2

    answers(worker, seeing, blind, seen)

    more = seen.prompt_tokens - blind.prompt_tokens
    assert more > 2 * tiny_vision.TOKENS["qwen2vl_merger"]  # and the words around them
    assert UsageLog.objects.get(generation=seen).input_tokens == seen.prompt_tokens
    assert not RunImage.objects.exists()


def test_the_same_image_is_encoded_and_computed_once(
    alice: User, seeing: AIModel, worker: Worker
) -> None:
    first, again = ask(alice, seeing, CAT, DOG), ask(alice, seeing, CAT, DOG)

    answers(worker, seeing, first, again)

    assert again.cached_tokens == again.prompt_tokens - 1


def test_images_that_are_not_kept_are_encoded_again(
    alice: User, seeing: AIModel, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_BYTES", 1)
    runs = [ask(alice, seeing, *shown) for shown in ([CAT, DOG], [DOG], [CAT, DOG])]

    first, dog, again = answers(worker, seeing, *runs)

    assert first == again != dog


def test_a_waiting_run_that_is_stopped_leaves_no_image(alice: User, seeing: AIModel) -> None:
    run = ask(alice, seeing, CAT)

    lifecycle.stop(run)

    assert not RunImage.objects.exists()


def test_a_run_that_is_stopped_before_its_image_is_encoded_ends(
    alice: User, seeing: AIModel, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(alice, seeing, CAT, DOG)
    look = Picture.look

    def stopped_meanwhile(picture: Picture) -> None:
        look(picture)
        lifecycle.stop(run)

    monkeypatch.setattr(Picture, "look", stopped_meanwhile)
    worker.serve(seeing)

    run.refresh_from_db()
    assert (run.status, run.reason, run.completion_tokens) == (
        Status.STOPPED,
        Reason.CANCELLED,
        0,
    )


def test_a_run_is_stopped_in_the_middle_of_its_answer(
    alice: User,
    seeing: AIModel,
    worker: Worker,
    in_background: Callable[..., threading.Thread],
) -> None:
    run = ask(alice, seeing, CAT, max_tokens=400)
    serving = in_background(worker.serve, seeing)
    wait_until(lambda: bool(TokenLog.default().tokens(run.pk)))
    worker.stop(run.pk)
    serving.join(20)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.CANCELLED)
    assert 0 < run.completion_tokens < 400
    assert not RunImage.objects.exists()


def test_a_run_whose_worker_died_goes_on_with_its_image(
    alice: User, seeing: AIModel, worker: Worker
) -> None:
    log, whole = TokenLog.default(), ask(alice, seeing, CAT)
    answers(worker, seeing, whole)
    tokens = tuple(log.tokens(whole.pk))
    run = ask(alice, seeing, CAT)
    queue.claim(seeing.pk, "dead")
    log.write([(run.pk, Started("1-0")), (run.pk, Tokens("1-3", tokens[:3], "…"))])
    queue.give_back(run.pk, 1)

    answers(worker, seeing, run)

    assert run.attempt == 2
    assert tuple(log.tokens(run.pk)) == tokens


def test_an_image_that_the_model_cannot_encode_fails_its_run_alone(
    alice: User, seeing: AIModel, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = ask(alice, seeing, CAT)
    answers(worker, seeing, fine)
    broken, text = ask(alice, seeing, DOG), ask(alice, seeing)

    def fail(picture: Picture) -> None:
        raise ImageError("broken")

    monkeypatch.setattr(Picture, "look", fail)
    again = ask(alice, seeing, CAT)
    worker.serve(seeing)

    broken.refresh_from_db()
    assert (broken.status, broken.reason) == (Status.FAILED, Reason.UNREADABLE)
    assert "image" in broken.error
    answers(worker, seeing, text, again)


def test_a_file_that_is_no_image_fails_its_run_alone(
    alice: User, seeing: AIModel, worker: Worker
) -> None:
    broken, fine = ask(alice, seeing, b"GIF89a"), ask(alice, seeing, CAT)

    worker.serve(seeing)

    broken.refresh_from_db()
    assert broken.reason == Reason.UNREADABLE
    answers(worker, seeing, fine)


def test_where_images_cannot_be_read_texts_still_are(
    alice: User, seeing: AIModel, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise FileNotFoundError(name)

    monkeypatch.setattr(llama_images.importlib, "import_module", missing)
    text, shown = ask(alice, seeing), ask(alice, seeing, CAT)

    worker.serve(seeing)

    shown.refresh_from_db()
    assert (shown.status, shown.reason) == (Status.FAILED, Reason.UNREADABLE)
    assert "libmtmd" in shown.error
    answers(worker, seeing, text)


def test_another_projector_has_the_model_loaded_anew(
    alice: User, seeing: AIModel, worker: Worker
) -> None:
    answers(worker, seeing, ask(alice, seeing, CAT))
    seeing.projector = ""
    seeing.save()
    run = ask(alice, seeing, CAT)

    worker.serve(seeing)

    run.refresh_from_db()
    assert run.status == Status.FAILED


def test_rows_of_waiting_runs_stay_small(alice: User, seeing: AIModel) -> None:
    run = ask(alice, seeing, CAT)

    run.refresh_from_db()
    assert len(json.dumps(run.messages)) < 200
    assert run.prompt_tokens > 100  # by the estimate, so that images count for the limits
