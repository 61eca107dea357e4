"""Models' vocabularies without their weights, as web processes have them."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from inference.engine import llama
from inference.engine.llama import load
from inference.models import AIModel
from inference.vocabularies import NoVocabulary, Vocabularies, vocabulary_of

DEMO = settings.DEMO_MODEL_DIR / "parley-demo.gguf"
TEXT = "Grüße aus der Stadt! 😀 How many tokens is this?"
CHAT = [{"role": "user", "content": "Hello <|im_end|>"}]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read, in order."""
    read: list[Path] = []
    really = llama.load_vocabulary

    def load_vocabulary(path: Path, context: int) -> Any:
        read.append(path)
        return really(path, context)

    monkeypatch.setattr(llama, "load_vocabulary", load_vocabulary)
    return read


def test_it_tells_the_same_tokens_and_prompts_as_the_loaded_model() -> None:
    alone = Vocabularies().of(DEMO, 512)
    backend = load(DEMO, 512, slots=1, threads=1, progress=lambda _: None)

    assert alone.size == backend.vocabulary.size
    assert alone.tokenize(TEXT) == backend.vocabulary.tokenize(TEXT)
    assert alone.render(CHAT) == backend.vocabulary.render(CHAT)
    assert b"".join(map(alone.piece, alone.tokenize(TEXT))).decode() == TEXT
    assert alone.context == 512
    backend.close()


def test_a_model_has_that_of_its_file(model: AIModel, settings: Any) -> None:
    settings.MODELS_DIR = DEMO.parent
    model.path = DEMO.name

    assert vocabulary_of(model).tokenize(TEXT) == Vocabularies().of(DEMO, 512).tokenize(TEXT)


def test_many_who_ask_at_once_have_it_read_once(read: list[Path]) -> None:
    vocabularies = Vocabularies()

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: vocabularies.of(DEMO, 512), range(32)))

    assert len(found) == 1
    assert read == [DEMO]


def test_a_replaced_file_is_read_anew(tmp_path: Path) -> None:
    vocabularies = Vocabularies()
    path = Path(shutil.copy(DEMO, tmp_path / "model.gguf"))
    before = vocabularies.of(path, 512)
    shutil.copy(DEMO.with_name("parley-demo-mini.gguf"), path)

    assert vocabularies.of(path, 512) is not before


def test_few_are_kept_and_the_latest_used_stay(tmp_path: Path, read: list[Path]) -> None:
    vocabularies = Vocabularies(most=2)
    one, other, third = (Path(shutil.copy(DEMO, tmp_path / name)) for name in ("1", "2", "3"))

    for path in (one, other, one, third, one, other):
        vocabularies.of(path, 512)

    assert read == [one, other, third, other]


def test_what_is_held_outlives_its_place(tmp_path: Path) -> None:
    vocabularies = Vocabularies(most=1)
    held = vocabularies.of(Path(shutil.copy(DEMO, tmp_path / "other")), 512)
    tokens = held.tokenize(TEXT)

    vocabularies.of(DEMO, 512)

    assert held.tokenize(TEXT) == tokens


def test_a_file_that_is_missing_or_no_model_is_refused_with_a_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but nothing more")

    with pytest.raises(NoVocabulary, match="not on this machine"):
        Vocabularies().of(tmp_path / "none.gguf", 512)
    with pytest.raises(NoVocabulary, match="can't be read"):
        Vocabularies().of(broken, 512)
