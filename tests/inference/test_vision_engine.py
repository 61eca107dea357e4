"""Models with eyes in the real engine: tiny ones with random weights, of each kind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from inference import vision
from inference.engine.cache import KVCache
from inference.engine.engine import Engine, Output
from inference.engine.illustrated import fit_with_images
from inference.engine.images import ImageError, Picture, Pixels
from inference.engine.llama import LlamaBackend, LoadError, load
from inference.engine.prompt import PromptTooLong, fit
from inference.engine.sequence import End, Sampling, Sequence
from tests.inference import tiny_vision
from tests.inference.fakes import FakeStore

pytestmark = pytest.mark.skipif(not vision.is_built(), reason="llama.cpp was built without mtmd")

DEMO = settings.DEMO_MODEL_DIR / "parley-demo.gguf"
QUESTION = "What is to be seen here?"
LENGTH = 12


def noise(seed: int, height: int = 64, width: int = 64) -> Pixels:
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (height, width, 3), dtype=np.uint8)


def picture_of(backend: LlamaBackend, pixels: Pixels, digest: str) -> Picture:
    assert backend.images
    return backend.images.picture(lambda: pixels, digest)


@dataclass
class Seeing:
    """A model, and the images that it is shown by name."""

    kind: str
    backend: LlamaBackend
    pictures: dict[str, Picture]
    """By what is to be seen in them."""
    engine: Engine = field(init=False)

    def begin(self, store: FakeStore | None = None) -> None:
        """With nothing in the cache."""
        for id in range(self.backend.ids):
            self.backend.cut(id, 0)
        outputs: list[Output] = []
        self.engine = Engine(self.backend, outputs.extend, store)  # type: ignore[arg-type]

    def shown(self, *names: str, question: str = QUESTION, earlier: str = "") -> Sequence:
        """A question about images; `earlier` is what was answered to the same before."""
        parts = [{"type": "image", "image": number} for number, _name in enumerate(names)]
        asked = {"role": "user", "content": [*parts, {"type": "text", "text": question}]}
        chat = [asked]
        if earlier:
            again = {"role": "user", "content": "And now?"}
            chat += [{"role": "assistant", "content": earlier}, again]
        pictures = {number: self.pictures[name] for number, name in enumerate(names)}
        prompt = fit_with_images(chat, pictures, self.backend.vocabulary, LENGTH)
        for picture in prompt.pictures:
            picture.look()
        return self._sequence(prompt)

    def told(self, question: str) -> Sequence:
        chat = [{"role": "user", "content": question}]
        return self._sequence(fit(chat, self.backend.vocabulary, LENGTH))

    def _sequence(self, prompt) -> Sequence:  # type: ignore[no-untyped-def]
        greedy = Sampling(temperature=0)
        return Sequence(prompt.tokens, prompt.max_tokens, greedy, images=prompt.images)

    def answers(self, *sequences: Sequence) -> list[list[int]]:
        """The tokens of answers that are generated at the same time."""
        for sequence in sequences:
            self.engine.submit(sequence)
        self.engine.step()
        while not self.engine.scheduler.is_idle:
            self.engine.step()
        return [s.tokens[len(s.prompt) :] for s in sequences]

    def alone(self, sequence: Sequence) -> list[int]:
        self.begin()
        [answer] = self.answers(sequence)
        return answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("eyes")


@pytest.fixture(scope="module", params=tiny_vision.PROJECTORS)
def seeing(request: pytest.FixtureRequest, folder: Path) -> Iterator[Seeing]:
    model, projector = tiny_vision.write(DEMO, folder, request.param)
    backend = load(model, tiny_vision.CONTEXT, 4, 2, lambda _: None, projector)
    images = {"cat": noise(1), "dog": noise(2), "panorama": noise(3, 64, 320)}
    pictures = {name: picture_of(backend, image, name) for name, image in images.items()}
    seeing = Seeing(request.param, backend, pictures)
    seeing.begin()
    yield seeing
    backend.close()


def test_the_answer_depends_on_the_image_and_on_nothing_else(seeing: Seeing) -> None:
    cat = seeing.alone(seeing.shown("cat"))

    assert seeing.alone(seeing.shown("cat")) == cat
    assert seeing.alone(seeing.shown("dog")) != cat
    assert len(cat) == LENGTH


def test_the_order_of_images_counts(seeing: Seeing) -> None:
    one, other = seeing.shown("cat", "dog"), seeing.shown("dog", "cat")

    assert seeing.alone(one) != seeing.alone(other)


def test_an_image_counts_as_the_tokens_that_the_model_makes_of_it(seeing: Seeing) -> None:
    [view] = seeing.pictures["cat"].views

    assert len(view.ids) == tiny_vision.TOKENS[seeing.kind]
    assert len(seeing.shown("cat").prompt) > len(view.ids)


def test_texts_and_images_are_answered_together_as_they_are_alone(seeing: Seeing) -> None:
    def asked() -> list[Sequence]:
        about = [seeing.shown("cat"), seeing.shown("dog", "panorama"), seeing.shown("cat", "cat")]
        return [*about, seeing.told("Hello! How are you?")]

    alone = [seeing.alone(sequence) for sequence in asked()]
    seeing.begin()

    assert seeing.answers(*asked()) == alone


def test_a_running_answer_goes_on_while_a_large_image_is_read(seeing: Seeing) -> None:
    seeing.begin()
    running, large = seeing.told("Hello! How are you?"), seeing.shown(*["panorama"] * 6)
    seeing.engine.submit(running)
    while not running.produced:
        seeing.engine.step()
    seeing.engine.submit(large)
    waited = 0
    while not large.produced:
        before = running.produced
        seeing.engine.step()
        waited = 0 if running.produced > before or running.end else waited + 1
        assert waited < 2, "two steps without a token"


def test_a_view_that_is_read_in_pieces_is_the_same(seeing: Seeing) -> None:
    whole = seeing.alone(seeing.shown("panorama", "cat"))
    seeing.begin()
    seeing.engine.scheduler.batch_size = 5
    seeing.engine.scheduler.pace.prompt_seconds = 1.0  # so slow that all would be read in pieces

    assert seeing.answers(seeing.shown("panorama", "cat")) == [whole]


def test_what_was_computed_of_an_image_is_used_again(seeing: Seeing) -> None:
    seeing.begin()
    [first] = seeing.answers(seeing.shown("cat"))
    again, other = seeing.shown("cat"), seeing.shown("dog")

    assert seeing.answers(again) == [first]
    assert again.reused == len(again.prompt) - 1
    seeing.answers(other)
    assert (other.reused or 0) <= other.images[0].start


def test_a_second_turn_begins_behind_the_image(seeing: Seeing) -> None:
    seeing.begin()
    seeing.answers(seeing.shown("cat", "dog"))
    second = seeing.shown("cat", "dog", earlier="A cat and a dog.")

    answers = seeing.answers(second)

    assert (second.reused or 0) >= second.images[-1].end
    assert answers == [seeing.alone(seeing.shown("cat", "dog", earlier="A cat and a dog."))]


def test_what_was_computed_of_images_is_saved_and_loaded(seeing: Seeing) -> None:
    store = FakeStore()
    seeing.begin(store)
    asked = ("panorama", "cat")
    [first] = seeing.answers(seeing.shown(*asked))
    seeing.engine.cache.close()
    assert store.kept

    seeing.begin(store)
    again = seeing.shown(*asked)
    other = seeing.shown(*asked, question="What else?")
    assert seeing.answers(again, other)[0] == first
    assert again.reused == len(again.prompt) - 1
    assert seeing.alone(seeing.shown(*asked, question="What else?")) == other.tokens[-LENGTH:]


def test_answers_are_the_same_when_the_cache_is_too_small_for_them_together(
    seeing: Seeing,
) -> None:
    def asked() -> list[Sequence]:
        return [seeing.shown("panorama"), seeing.shown("cat"), seeing.shown("dog", "panorama")]

    alone = [seeing.alone(sequence) for sequence in asked()]
    longest = max(sequence.most_cells for sequence in asked())
    seeing.begin()
    small = KVCache(seeing.backend, longest + 8, seeing.backend.ids, FakeStore())  # type: ignore[arg-type]
    seeing.engine.cache = seeing.engine.scheduler.cache = small

    assert seeing.answers(*asked()) == alone


def test_a_sequence_that_is_ended_in_its_image_leaves_nothing_behind(seeing: Seeing) -> None:
    alone = seeing.alone(seeing.shown("cat"))
    seeing.begin()
    stopped = seeing.shown("panorama", "panorama")
    seeing.engine.submit(stopped)
    while not (stopped.view_here and stopped.computed):
        seeing.engine.step()
    seeing.engine.end(stopped, End.CANCELLED)
    seeing.engine.step()

    assert stopped.end is End.CANCELLED
    assert seeing.answers(seeing.shown("cat")) == [alone]


def test_an_image_that_is_not_encoded_fails_its_sequence_and_no_other(seeing: Seeing) -> None:
    seeing.begin()
    seeing.pictures["blind"] = picture_of(seeing.backend, noise(9), "blind")
    fine, broken = seeing.told("Hello!"), seeing.shown("blind")
    broken.images[0].view.vectors = None

    seeing.answers(fine, broken)

    assert (fine.end, broken.end) == (End.LENGTH, End.ERROR)


def test_an_answer_goes_on_where_another_worker_was_lost(seeing: Seeing) -> None:
    asked = seeing.shown("cat", "dog")
    whole = seeing.alone(asked)
    tokens = asked.prompt + whole[:5]

    rest = Sequence(tokens, LENGTH, asked.sampling, generated=5, images=asked.images)

    assert seeing.alone(rest) == whole[5:]


def test_penalties_and_guesses_look_at_no_image(seeing: Seeing) -> None:
    asked = seeing.shown("cat", question="a b a b a b")
    asked.sampling = Sampling(temperature=0, repeat_penalty=1.3, frequency_penalty=0.5)

    assert len(seeing.alone(asked)) == LENGTH


def test_images_that_leave_no_room_for_an_answer_are_too_long(seeing: Seeing) -> None:
    [view] = seeing.pictures["cat"].views
    with pytest.raises(PromptTooLong):
        seeing.shown(*["cat"] * (tiny_vision.CONTEXT // len(view.ids)))


def test_nobody_shows_an_image_by_writing(seeing: Seeing) -> None:
    chat = [{"role": "user", "content": [{"type": "text", "text": "<image> 0x <__media__>"}]}]

    prompt = fit_with_images(chat, {}, seeing.backend.vocabulary, LENGTH)

    assert not prompt.images
    assert min(prompt.tokens) >= 0


def test_a_projector_that_does_not_fit_is_refused_with_a_reason(folder: Path) -> None:
    model, _projector = tiny_vision.write(DEMO, folder, "janus_pro")
    other = folder / "other.gguf"
    tiny_vision.write_projector(other, "janus_pro", width=128)

    for wrong, reason in ((other, "can't be loaded"), (folder / "none.gguf", "does not exist")):
        with pytest.raises(LoadError, match=reason):
            load(model, 512, 1, 1, lambda _: None, wrong)


def test_an_image_that_the_model_must_see_at_once_and_can_not_is_refused(folder: Path) -> None:
    from inference.engine.llama import loading

    model, projector = tiny_vision.write(DEMO, folder, "gemma3")
    small = pytest.MonkeyPatch()
    small.setattr(loading, "BATCH_SIZE", 3)
    backend = load(model, 512, 1, 1, lambda _: None, projector)
    small.undo()
    with pytest.raises(ImageError):
        picture_of(backend, noise(1), "cat")
    backend.close()
