"""Which texts go into a batch, and that answers go on beside them; without a model."""

from collections import Counter
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

from inference.engine.embedding import Line, Pooling, Request, Text
from inference.engine.embedding_loop import Embeddings
from inference.engine.engine import Engine, Output
from inference.engine.sequence import End, Sequence
from tests.inference.fakes import FakeBackend, FakeEmbedder


def request_of(*texts: str) -> Request:
    return Request([Text(list(text.encode())) for text in texts])


def work_off(line: Line, embedder: FakeEmbedder, most: int = 10) -> None:
    while line.requests:
        pieces = line.batch(most)
        line.take(pieces, embedder.embed(pieces, 1))
        line.retire()


def letters(text: Text) -> dict[str, float]:
    """The components that are not zero."""
    assert text.vector is not None
    return {chr(at): float(text.vector[at]) for at in np.flatnonzero(text.vector)}


def texts_in(embedder: FakeEmbedder) -> list[list[str]]:
    return [[bytes(piece.tokens).decode() for piece in batch] for batch in embedder.batches]


def test_short_texts_are_computed_together() -> None:
    line, embedder = Line(embedder := FakeEmbedder()), embedder
    line.requests.append(request := request_of("ab", "cd", "ef"))

    work_off(line, embedder)

    assert texts_in(embedder) == [["ab", "cd", "ef"]]
    assert [set(letters(text)) for text in request.texts] == [set("ab"), set("cd"), set("ef")]
    assert all(np.isclose(np.linalg.norm(text.vector), 1) for text in request.texts)


@pytest.mark.parametrize("pooling", Pooling)
def test_a_text_in_pieces_has_the_vector_of_the_whole(pooling: Pooling) -> None:
    embedder = FakeEmbedder(pooling=pooling)
    whole, split = request_of("abcabcabbz"), request_of("abcabcabbz")

    for request, most in ((whole, 10), (split, 3)):
        line = Line(embedder)
        line.requests.append(request)
        work_off(line, embedder, most)

    assert len(embedder.batches) == 1 + 4
    assert letters(split.texts[0]) == pytest.approx(letters(whole.texts[0]))


def test_short_texts_do_not_wait_for_the_end_of_a_long_one() -> None:
    line = Line(embedder := FakeEmbedder())
    line.requests += [long := request_of("a" * 40), short := request_of("b")]
    ended: list[Request] = []

    while line.requests:
        pieces = line.batch(10)
        line.take(pieces, embedder.embed(pieces, 1))
        ended += line.retire()

    assert ended == [short, long]


def test_everybody_has_their_turn() -> None:
    line = Line(embedder := FakeEmbedder())
    line.requests += [request_of(*["many"] * 20), few := request_of("few")]

    pieces = line.batch(10)
    line.take(pieces, embedder.embed(pieces, 1))

    assert line.retire() == [few]


def test_only_one_text_at_a_time_is_in_pieces() -> None:
    line = Line(embedder := FakeEmbedder())
    line.requests += [request_of("a" * 25), request_of("b" * 25), request_of("c" * 4)]

    work_off(line, embedder)

    started = [text for batch in texts_in(embedder) for text in batch]
    order = [text[0] for text in started if text[0] in "ab"]
    assert order == sorted(order)
    assert Counter("".join(started)) == {"a": 25, "b": 25, "c": 4}


def test_texts_stay_whole_for_a_model_that_reads_them_as_a_whole() -> None:
    line = Line(embedder := FakeEmbedder(splits=False, batch_size=40))
    line.requests.append(request_of("abc", "d" * 30, "ef"))

    work_off(line, embedder, most=10)

    assert texts_in(embedder) == [["abc", "ef"], ["d" * 30]]


def test_a_request_that_was_stopped_in_the_middle_of_a_text_leaves_the_way_free() -> None:
    line = Line(embedder := FakeEmbedder())
    line.requests += [stopped := request_of("a" * 40), other := request_of("b" * 40)]
    pieces = line.batch(10)
    line.take(pieces, embedder.embed(pieces, 1))

    stopped.end = End.CANCELLED
    assert line.retire() == [stopped]
    work_off(line, embedder)

    assert other.end is End.STOP
    assert letters(other.texts[0]) == {"b": 1}


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend(answer="a long answer " * 4)


@pytest.fixture
def outputs() -> "SimpleQueue[Any]":
    return SimpleQueue()


@pytest.fixture
def engine(backend: FakeBackend, outputs: "SimpleQueue[Any]") -> Iterator[Engine]:
    engine = Engine(backend, lambda some: [outputs.put(output) for output in some] and None)
    engine.open()
    yield engine
    engine.close()


Submit = Callable[[Request], None]


@pytest.fixture
def embeddings(
    backend: FakeBackend, engine: Engine, outputs: "SimpleQueue[Any]"
) -> Iterator[Embeddings]:
    embeddings = Embeddings(backend.fake_embedder, engine, outputs.put)
    embeddings.open()
    yield embeddings
    embeddings.close()


def test_who_asked_gets_the_vectors(embeddings: Embeddings, outputs: "SimpleQueue[Any]") -> None:
    embeddings.submit(request := request_of("ab", "b"))

    assert outputs.get(timeout=5) is request
    assert request.end is End.STOP
    assert letters(request.texts[1]) == {"b": 1}


def test_answers_go_on_between_batches(
    embeddings: Embeddings, engine: Engine, backend: FakeBackend, outputs: "SimpleQueue[Any]"
) -> None:
    """At least one step lies between two batches."""
    steps: list[int] = []
    embed = backend.fake_embedder.embed
    backend.fake_embedder.embed = lambda *of: steps.append(engine.steps) or embed(*of)  # type: ignore[method-assign]
    engine.submit(Sequence(list(b"u:hi\na:"), 60))
    while isinstance(first := outputs.get(timeout=5), Output) and first.token is None:
        pass

    embeddings.submit(request := request_of(*["a" * 10] * 8))
    while outputs.get(timeout=5) is not request:
        pass

    busy = [step for step in steps if step < engine.steps]
    assert len(set(busy)) == len(busy)


def test_a_stop_ends_it_before_the_next_batch(
    embeddings: Embeddings, backend: FakeBackend, outputs: "SimpleQueue[Any]"
) -> None:
    embed = backend.fake_embedder.embed

    def embed_and_stop(*of: Any) -> Any:
        embeddings.end(request, End.CANCELLED)
        return embed(*of)

    backend.fake_embedder.embed = embed_and_stop  # type: ignore[method-assign]
    embeddings.submit(request := request_of(*["a" * 10] * 8))

    assert outputs.get(timeout=5) is request
    assert request.end is End.CANCELLED
    assert len(backend.fake_embedder.batches) == 1


def test_a_batch_that_fails_takes_no_others_along(
    embeddings: Embeddings, backend: FakeBackend, outputs: "SimpleQueue[Any]"
) -> None:
    backend.fake_embedder.poison = ord("x")
    embeddings.submit(broken := request_of("x"))
    assert outputs.get(timeout=5) is broken

    embeddings.submit(fine := request_of("y"))

    assert outputs.get(timeout=5) is fine
    assert (broken.end, fine.end) == (End.ERROR, End.STOP)
