from inference.engine.pace import Pace
from inference.engine.threads import Threads


def learnt(decode: float, prompt: float) -> Pace:
    """On a machine with such times, in seconds of a step and of a token of a prompt."""
    pace = Pace()
    for _ in range(50):
        pace.measured(4, 0, decode)
        pace.measured(4, 100, decode + 100 * prompt)
    return pace


def test_beside_running_answers_a_prompt_gets_what_fits_into_the_gap() -> None:
    assert learnt(decode=0.05, prompt=0.001).chunk(decoding=100, reading=1) in (202, 203)


def test_the_more_prompts_wait_the_longer_the_answers_wait_for_them() -> None:
    pace = learnt(decode=0.05, prompt=0.001)

    assert pace.chunk(decoding=4, reading=4) in (449, 450)
    assert pace.chunk(decoding=1, reading=100) in (949, 950)


def test_a_slow_machine_gets_longer_gaps_but_goes_on() -> None:
    assert learnt(decode=0.5, prompt=0.01).chunk(decoding=4, reading=1) in (99, 100)
    assert learnt(decode=0.05, prompt=1).chunk(decoding=4, reading=1) == 32


def test_a_prompt_alone_gets_steps_of_about_a_second() -> None:
    assert learnt(decode=0.05, prompt=0.001).chunk(decoding=0, reading=1) in (999, 1000)


class Machine:
    """Two cores, on which a step of one row takes so long by the number of threads."""

    def __init__(self, seconds: dict[int, float]) -> None:
        self.seconds = seconds
        self.now = self.processor = 0.0
        self.share = 1.0
        self.threads = Threads(2, lambda: self.now, lambda: self.processor)

    def run(self, seconds: float) -> dict[int, int]:
        """Steps by number of threads, in that time."""
        end = self.now + seconds
        counts = {1: 0, 2: 0}
        while self.now < end:
            count = self.threads.count
            took = self.seconds[count]
            self.now += took
            self.processor += took * count * self.share
            self.threads.measured(1, took)
            counts[count] += 1
        return counts


def test_on_a_quiet_machine_all_cores_compute_and_nothing_is_tried() -> None:
    assert Machine({1: 0.08, 2: 0.04}).run(60)[1] == 0


def test_beside_a_busy_neighbour_fewer_threads_are_used_if_they_are_faster() -> None:
    machine = Machine({1: 0.07, 2: 0.1})
    machine.share = 0.5

    counts = machine.run(60)

    assert counts[1] > 10 * counts[2]


def test_a_neighbour_that_does_no_harm_changes_nothing() -> None:
    machine = Machine({1: 0.1, 2: 0.07})
    machine.share = 0.5

    counts = machine.run(120)

    assert counts[2] > 20 * counts[1]


def test_when_the_neighbour_is_gone_all_cores_compute_again() -> None:
    machine = Machine({1: 0.07, 2: 0.1})
    machine.share = 0.5
    machine.run(60)
    machine.seconds, machine.share = {1: 0.08, 2: 0.04}, 1.0

    machine.run(60)

    assert machine.run(10)[1] == 0
