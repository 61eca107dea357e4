import random
import threading
import time

import numpy as np
import numpy.typing as npt
import pytest

from inference.engine.engine import Engine, Output
from inference.engine.sequence import End, Sampling, Sequence
from tests.inference.fakes import FakeBackend, FakeStore

GREEDY = Sampling(temperature=0)


class Recorder:
    def __init__(self) -> None:
        self.steps: list[list[Output]] = []

    def __call__(self, outputs: list[Output]) -> None:
        self.steps.append(outputs)

    def text(self, sequence: Sequence) -> str:
        mine = (o for step in self.steps for o in step if o.sequence is sequence)
        return bytes(o.token for o in mine if o.token is not None).decode()

    def end(self, sequence: Sequence) -> End | None:
        ends = [o.end for step in self.steps for o in step if o.sequence is sequence and o.end]
        assert len(ends) <= 1
        return ends[0] if ends else None


def asking(question: str, most: int = 10, owner: str = "", **fields: object) -> Sequence:
    prompt = list(f"{question}:".encode())
    return Sequence(prompt, most, GREEDY, owner=owner, **fields)  # type: ignore[arg-type]


def engine(**fields: object) -> tuple[Engine, Recorder, FakeBackend]:
    backend = FakeBackend(**fields)  # type: ignore[arg-type]
    recorder = Recorder()
    return Engine(backend, recorder), recorder, backend


def run(engine: Engine, most_steps: int = 100) -> None:
    engine.step()
    while not engine.scheduler.is_idle and most_steps:
        engine.step()
        most_steps -= 1


def test_an_answer_is_emitted_token_by_token_and_ends_with_the_end_token() -> None:
    e, recorder, _ = engine(answer="hi")
    e.submit(s := asking("what"))

    run(e)

    assert recorder.text(s) == "hi"
    assert recorder.end(s) is End.STOP


def test_the_end_comes_with_the_last_token_not_a_step_later() -> None:
    e, recorder, _ = engine(answer="hello")
    e.submit(asking("what", most=2))

    run(e)

    assert [o.end for o in recorder.steps[-1]] == [None, End.LENGTH]


def test_answers_to_many_grow_together() -> None:
    e, recorder, _ = engine(slots=10, cells=1000, batch_size=64)
    ten = [asking(f"{at}") for at in range(10)]
    for s in ten:
        e.submit(s)

    e.step()
    e.step()

    assert [recorder.text(s) for s in ten] == ["he"] * 10


def test_a_stopped_answer_gets_no_further_token() -> None:
    e, recorder, backend = engine()
    e.submit(s := asking("what"))
    e.step()
    e.end(s, End.CANCELLED)

    e.step()

    assert recorder.text(s) == "h"
    assert recorder.end(s) is End.CANCELLED
    assert len(backend.batches) == 1


def test_a_waiting_answer_can_be_stopped_before_it_starts() -> None:
    e, recorder, backend = engine(slots=1)
    e.submit(asking("what"))
    e.submit(waiting := asking("why"))
    e.step()
    e.end(waiting, End.CANCELLED)

    run(e)

    assert recorder.end(waiting) is End.CANCELLED
    assert all(row.sequence is not waiting for rows in backend.batches for row in rows)


def test_an_error_ends_the_sequence_that_caused_it_and_no_other() -> None:
    e, recorder, _ = engine(poison=ord("!"))
    sequences = [asking("what"), asking("what!"), asking("why")]
    for s in sequences:
        e.submit(s)

    run(e)

    assert [recorder.end(s) for s in sequences] == [End.STOP, End.ERROR, End.STOP]
    assert [recorder.text(s) for s in sequences] == ["hello", "", "hello"]


def test_an_answer_that_the_model_has_no_numbers_for_fails_and_no_other() -> None:
    e, recorder, backend = engine(answer="hello")
    compute = backend.logits

    def broken(at: int) -> npt.NDArray[np.float32]:
        return compute(at) * (np.nan if ord("!") in backend._seen[at] else 1)

    backend.logits = broken  # type: ignore[method-assign]
    sequences = [asking("what!"), asking("why")]
    for s in sequences:
        e.submit(s)

    run(e)

    assert [recorder.end(s) for s in sequences] == [End.ERROR, End.STOP]
    assert recorder.text(sequences[1]) == "hello"


def test_an_error_in_mid_answer_leaves_the_others_where_they_are() -> None:
    e, recorder, backend = engine(answer="hello")
    for s in (pair := [asking("what"), asking("why", most=2)]):
        e.submit(s)
    e.step()
    pair[1].tokens[-1] = backend.poison = 7

    run(e)

    assert [recorder.end(s) for s in pair] == [End.STOP, End.ERROR]
    assert recorder.text(pair[0]) == "hello"


def test_nobody_fails_when_the_cache_holds_less_than_the_account_says() -> None:
    e, recorder, _ = engine(cells=100, hidden=40, answer="x" * 20)
    many = [asking("a question" + str(at), most=30) for at in range(4)]
    for s in many:
        e.submit(s)

    run(e, most_steps=500)

    assert [recorder.text(s) for s in many] == ["x" * 20] * 4


def test_answers_that_the_account_has_room_for_take_turns_where_there_is_none() -> None:
    e, recorder, _ = engine(slots=4, cells=150, hidden=30, batch_size=512)
    many = [asking(f"{at}" + "?" * 80) for at in range(4)]
    for s in many:
        e.submit(s)

    run(e)

    assert [recorder.text(s) for s in many] == ["hello"] * 4


def test_the_next_turn_computes_only_what_is_new() -> None:
    e, _, backend = engine()
    e.submit(first := asking("a question that is not short"))
    run(e)
    history = bytes(first.tokens).decode()
    e.submit(second := asking(history + "more"))

    run(e)

    assert second.reused == len(first.tokens)
    theirs = [row.position for rows in backend.batches for row in rows if row.sequence is second]
    assert min(theirs) == len(first.tokens)


def test_kept_tokens_of_a_deleted_run_are_forgotten() -> None:
    e, _, backend = engine()
    e.submit(asking("a question that is not short", run="deleted"))
    run(e)
    assert e.kept_runs == {"deleted"}
    e.forget({"deleted"})

    e.step()

    assert (e.kept_runs, backend.used) == (set(), 0)


def test_a_lone_answer_that_repeats_itself_takes_fewer_steps_and_stays_the_same() -> None:
    e, recorder, backend = engine(answer="one two three " * 10, cells=1000, batch_size=64)
    e.submit(s := asking("count", most=200))

    run(e, most_steps=300)

    assert recorder.text(s) == "one two three " * 10
    assert len(backend.batches) < 80


def test_a_guess_never_goes_beyond_the_limit_of_tokens() -> None:
    for most in range(1, 60):
        e, recorder, _ = engine(answer="ha " * 100, cells=70, batch_size=64)
        e.submit(s := asking("laugh", most=most))

        run(e)

        assert recorder.text(s) == ("ha " * 100)[:most]
        assert recorder.end(s) is End.LENGTH


def test_there_are_no_guesses_while_several_answers_run() -> None:
    e, _, backend = engine(answer="one two three " * 5, cells=1000)
    for question in ("count", "again"):
        e.submit(asking(question, most=60))

    run(e)

    answering = [rows for rows in backend.batches if all(row.wanted for row in rows)]
    assert max(map(len, answering)) == 2


@pytest.mark.parametrize("seed", range(30))
def test_whatever_comes_in_whatever_order_everyone_gets_their_answer(seed: int) -> None:
    """Prompts that share beginnings, owners, stops, a cache and ids that are far too small."""
    choose = random.Random(seed)
    backend = FakeBackend(answer="hello hello hello", slots=3, ids=5, cells=120, batch_size=24)
    recorder = Recorder()
    e = Engine(backend, recorder, FakeStore())  # type: ignore[arg-type]
    beginnings = ["", "s" * 40, "s" * 20 + "t" * 30]
    sequences: list[Sequence] = []
    for _ in range(150):
        if choose.random() < 0.25:
            question = choose.choice(beginnings) + "abc"[: choose.randrange(4)]
            s = asking(question, choose.choice((1, 5, 30)), choose.choice("xy"))
            s.public = choose.choice((0, 20))
            sequences.append(s)
            e.submit(s)
        if sequences and choose.random() < 0.03:
            e.end(choose.choice(sequences), End.CANCELLED)
        e.step()

    run(e, most_steps=2000)

    for s in sequences:
        full = "hello hello hello"[: s.max_tokens]
        assert recorder.end(s) is not None
        if recorder.end(s) is End.CANCELLED:
            assert full.startswith(recorder.text(s))
        else:
            assert recorder.text(s) == full
    assert e.cache.free == backend.cells - backend.used


def test_how_long_the_step_under_way_takes_is_seen_from_outside() -> None:
    e, _, backend = engine()
    stuck, go_on = threading.Event(), threading.Event()
    decode = backend.decode
    backend.decode = lambda *args: (stuck.set(), go_on.wait(), decode(*args))  # type: ignore
    e.open()
    assert e.step_seconds == 0
    e.submit(asking("what"))
    stuck.wait()
    time.sleep(0.01)

    assert e.step_seconds > 0.005

    go_on.set()
    e.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_engine_whose_thread_an_error_has_ended_is_known_as_broken() -> None:
    e, _, backend = engine()
    e.open()
    assert not e.is_broken
    backend.decode = None  # type: ignore[assignment, method-assign]

    e.submit(asking("what"))
    e._thread.join(5)

    assert e.is_broken


def test_the_thread_answers_and_closes() -> None:
    e, recorder, _ = engine()
    e.open()
    e.submit(s := asking("what"))
    while recorder.end(s) is None:
        pass

    e.close()

    assert recorder.text(s) == "hello"
