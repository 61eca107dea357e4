from inference.engine.engine import Engine, Output
from inference.engine.sequence import End, Sequence
from tests.inference.fakes import FakeBackend


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
    e, recorder, backend = engine(answer="hi")
    e.submit(s := Sequence([1, 2], 10))

    run(e)

    assert recorder.text(s) == "hi"
    assert recorder.end(s) is End.STOP
    assert backend.released == [s.slot]


def test_the_end_comes_with_the_last_token_not_a_step_later() -> None:
    e, recorder, _ = engine(answer="hello")
    e.submit(Sequence([1], 2))

    run(e)

    assert [o.end for o in recorder.steps[-1]] == [None, End.LENGTH]


def test_answers_to_many_grow_together() -> None:
    e, recorder, _ = engine(slots=10, cells=1000, batch_size=64)
    ten = [Sequence([1, 2, 3], 10) for _ in range(10)]
    for s in ten:
        e.submit(s)

    e.step()
    e.step()

    assert [recorder.text(s) for s in ten] == ["he"] * 10


def test_a_stopped_answer_gets_no_further_token() -> None:
    e, recorder, backend = engine()
    e.submit(s := Sequence([1], 10))
    e.step()
    e.end(s, End.CANCELLED)

    e.step()

    assert recorder.text(s) == "h"
    assert recorder.end(s) is End.CANCELLED
    assert len(backend.batches) == 1


def test_a_waiting_answer_can_be_stopped_before_it_starts() -> None:
    e, recorder, backend = engine(slots=1)
    e.submit(Sequence([1], 10))
    e.submit(waiting := Sequence([2], 10))
    e.step()
    e.end(waiting, End.CANCELLED)

    run(e)

    assert recorder.end(waiting) is End.CANCELLED
    assert all(row.sequence is not waiting for rows in backend.batches for row in rows)


def test_a_failed_step_ends_the_sequences_in_it_and_the_engine_goes_on() -> None:
    e, recorder, _ = engine(fail_at=1)
    e.submit(unlucky := Sequence([1], 10))
    e.step()
    e.step()
    e.backend.fail_at = -1  # type: ignore[attr-defined]
    e.submit(later := Sequence([1], 10))

    run(e)

    assert recorder.end(unlucky) is End.ERROR
    assert recorder.text(later) == "hello"


def test_the_thread_answers_and_closes() -> None:
    e, recorder, _ = engine()
    e.open()
    e.submit(s := Sequence([1], 10))
    while recorder.end(s) is None:
        pass

    e.close()

    assert recorder.text(s) == "hello"
