"""Vectors from real models: the one that is shipped, and a tiny one that only makes vectors."""

from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest
from django.conf import settings

from inference.engine.embedding import Line, NoEmbeddings, Pooling, Request, Text, Vector
from inference.engine.llama import LlamaBackend, load
from tests.inference import tiny_encoder

TEXTS = ("Where is the sea?", "hello", "a story of a ship and a town by the sea", "one two three")
CLOSE = 0.999
"""Of a cosine: what is computed in other company may differ in the last bits."""


def backend_of(path: Path, context: int = 4096) -> LlamaBackend:
    return load(path, context, slots=2, threads=1, progress=lambda _: None)


@pytest.fixture(scope="module")
def answering() -> Iterator[LlamaBackend]:
    backend = backend_of(settings.DEMO_MODEL_DIR / "parley-demo.gguf")
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaBackend]:
    backend = backend_of(tiny_encoder.write(tmp_path_factory.mktemp("models") / "encoder.gguf"))
    yield backend
    backend.close()


@pytest.fixture(params=["answering", "encoder"])
def backend(request: pytest.FixtureRequest) -> LlamaBackend:
    found: LlamaBackend = request.getfixturevalue(request.param)
    return found


def vectors(backend: LlamaBackend, *texts: str, most: int = 512) -> list[Vector]:
    """Of texts that are asked for together, in batches of so many tokens."""
    embedder = backend.embedder()
    line = Line(embedder)
    line.requests.append(request := Request([Text(backend.vocabulary.tokenize(t)) for t in texts]))
    while line.requests:
        pieces = line.batch(most)
        line.take(pieces, embedder.embed(pieces, threads=1))
        line.retire()
    embedder.close()
    found = [text.vector for text in request.texts]
    assert all(vector is not None and vector.shape == (embedder.size,) for vector in found)
    return [vector for vector in found if vector is not None]


def test_vectors_are_of_length_one_and_each_its_own(backend: LlamaBackend) -> None:
    found = np.stack(vectors(backend, *TEXTS))

    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found @ found.T)[np.triu_indices(len(TEXTS), 1)].max() < CLOSE


def test_the_same_text_has_the_same_vector(backend: LlamaBackend) -> None:
    first, other, again = vectors(backend, "the sea", "the land", "the sea")

    assert first @ again == pytest.approx(1, abs=1e-5)
    assert first @ other < CLOSE


def test_together_they_have_the_vectors_that_each_has_alone(backend: LlamaBackend) -> None:
    together = vectors(backend, *TEXTS)

    for text, vector in zip(TEXTS, together, strict=True):
        assert vectors(backend, text)[0] @ vector > CLOSE


def test_a_text_in_pieces_has_the_vector_of_the_whole(answering: LlamaBackend) -> None:
    text = " ".join(TEXTS)

    [whole], [pieces] = vectors(answering, text), vectors(answering, text, most=5)

    assert whole @ pieces > CLOSE


def test_texts_longer_than_a_batch_are_embedded(answering: LlamaBackend) -> None:
    long, longer = "the sea and the town " * 60, "the sea and the town " * 80

    first, second, short = vectors(answering, long, longer, "hello")

    assert vectors(answering, longer)[0] @ second > CLOSE
    assert first @ second > first @ short


def test_an_answer_goes_on_where_it_was_beside_them(answering: LlamaBackend) -> None:
    """The cache of the answers knows nothing of what is embedded."""
    before = answering.save(0)

    vectors(answering, *TEXTS)

    assert bytes(answering.save(0)) == bytes(before)


def test_a_model_that_reads_texts_as_a_whole_can_not_answer(encoder: LlamaBackend) -> None:
    assert not encoder.can_answer
    embedder = encoder.embedder()

    assert (embedder.splits, embedder.longest) == (False, tiny_encoder.CONTEXT)
    assert encoder.vocabulary.tokenize("ab") == [2, 5, 5 + len(tiny_encoder.LETTERS) + 1, 3]
    embedder.close()


def test_a_text_as_long_as_the_model_can_read_is_embedded(encoder: LlamaBackend) -> None:
    text = "x" * (tiny_encoder.CONTEXT - 2)  # beside the first and the last token
    assert len(encoder.vocabulary.tokenize(text)) == tiny_encoder.CONTEXT

    [vector] = vectors(encoder, text)

    assert np.isfinite(vector).all()


@pytest.mark.parametrize(
    ("named", "used"),
    [
        (gguf.PoolingType.CLS, Pooling.FIRST),
        (gguf.PoolingType.LAST, Pooling.LAST),
        (gguf.PoolingType.MEAN, Pooling.MEAN),
        (gguf.PoolingType.NONE, Pooling.MEAN),
        (None, Pooling.MEAN),
    ],
)
def test_it_is_pooled_as_the_file_says(
    named: gguf.PoolingType | None, used: Pooling, tmp_path: Path
) -> None:
    backend = backend_of(tiny_encoder.write(tmp_path / "model.gguf", named), context=50)
    embedder = backend.embedder()

    assert embedder.pooling is used
    embedder.close()
    assert vectors(backend, *TEXTS)[0] @ vectors(backend, TEXTS[0])[0] > CLOSE
    backend.close()


def test_a_model_that_ranks_texts_makes_none(tmp_path: Path) -> None:
    backend = backend_of(tiny_encoder.write(tmp_path / "model.gguf", gguf.PoolingType.RANK))

    with pytest.raises(NoEmbeddings, match="ranks"):
        backend.embedder()
    backend.close()
