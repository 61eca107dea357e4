"""The way of a run in a worker."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from inference import lifecycle
from inference.ask import Ask
from inference.models import AIModel, Generation, UsageLog
from inference.token_log import Ended, Started, TokenLog, Tokens
from inference.tools.format import Format
from inference.worker.worker import Worker
from tests.inference.working import GatedBackend, UnderWay, ask, tokens_in, wait_until

Status, Reason = Generation.Status, Generation.Reason
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_waiting_run_is_answered_logged_and_accounted(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)

    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.DONE, Reason.STOP)
    assert run.completion_tokens == len("hello world")
    assert run.created_at <= run.started_at <= run.first_token_at <= run.finished_at
    events = TokenLog.default().events(run.pk)
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Ended)
    text = "".join(event.text for event in events if isinstance(event, Tokens))
    assert text == "hello world"
    assert UsageLog.objects.get().output_tokens == len(tokens_in(run))


def test_a_stop_string_ends_the_answer_before_it(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, stop=["o w"])

    worker.serve(model)

    assert TokenLog.default().text(run.pk) == "hell"
    events = [event for event in TokenLog.default().events(run.pk) if isinstance(event, Tokens)]
    assert events[-1].stop == "o w"
    run.refresh_from_db()
    assert run.reason == Reason.STOP


def test_the_answer_ends_at_its_limit(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, max_tokens=5)

    worker.serve(model)

    run.refresh_from_db()
    assert (run.reason, run.completion_tokens) == (Reason.LENGTH, 5)


def test_a_stop_ends_a_running_answer_and_keeps_its_text(
    worker: Worker,
    backend: GatedBackend,
    under_way: UnderWay,
) -> None:
    run, serving = under_way

    worker.stop(run.pk)
    backend.gate.release()
    serving.join(5)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.CANCELLED)
    assert tokens_in(run) in ("hell", "hello")


def test_an_answer_that_takes_too_long_ends_and_keeps_its_text(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    settings: Any,
    in_background: Callable[..., threading.Thread],
) -> None:
    settings.GENERATION_TIMEOUT *= 0.0003
    backend.gate = threading.Semaphore(3)
    run = ask(alice, model)
    serving = in_background(worker.serve, model)
    wait_until(lambda: bool(worker.runners) and backend.gate._value == 0)
    threading.Event().wait(0.3)
    backend.gate.release()
    serving.join(5)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.DEADLINE)
    assert tokens_in(run).startswith("hel")


def test_a_message_too_long_for_the_model_fails_with_its_size(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, "x" * 200)

    worker.serve(model)

    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "205 tokens" in run.error
    assert UsageLog.objects.get().status == Status.FAILED


def test_a_failing_step_fails_its_run_and_the_next_is_answered(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.poison = ord("!")
    first, second = ask(alice, model, "hi!"), ask(alice, model)

    worker.serve(model)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.FAILED, Status.DONE)


def test_what_was_reused_of_a_prompt_is_accounted(
    alice: User, bob: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    first, again = ask(alice, model, "a long question"), ask(alice, model, "a long question")
    others = ask(bob, model, "a long question")

    worker.serve(model)

    for run in (first, again, others):
        run.refresh_from_db()
    assert first.prompt_tokens == again.prompt_tokens == len("u:a long question\na:")
    assert (first.cached_tokens, again.cached_tokens) == (0, first.prompt_tokens - 1)
    assert others.cached_tokens == 0
    assert UsageLog.objects.get(generation=again).cached_tokens == again.cached_tokens


def test_the_system_prompt_of_a_model_is_read_once_for_everybody(
    alice: User, bob: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    model.system_prompt = "You are a pirate, and speak so."
    model.save()
    first, second = ask(alice, model, "hi"), ask(bob, model, "hi")

    worker.serve(model)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.cached_tokens, second.cached_tokens) == (0, len("s:\nu:" + model.system_prompt))


def test_an_answer_follows_its_grammar(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, grammar='root ::= "help" | "her"')

    worker.serve(model)

    assert TokenLog.default().text(run.pk) == "help"


def test_a_grammar_that_the_model_cannot_follow_fails_its_run_with_the_reason(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)
    Generation.objects.filter(pk=run.pk).update(parameters=run.parameters | {"grammar": "?"})

    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.FAILED, Reason.GRAMMAR)
    assert "grammar" in run.error


def test_the_next_turn_reads_an_answer_in_the_tokens_it_was_written_in(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.vocabulary.tokenize = lambda text: list(text.upper().encode())  # type: ignore
    chat = [{"role": "user", "content": "A LONG QUESTION"}]
    first = lifecycle.submit(alice, model, Ask(chat), {}, Generation.Source.API)
    worker.serve(model)
    chat += [{"role": "assistant", "content": "hello world"}, {"role": "user", "content": "AND?"}]
    second = lifecycle.submit(alice, model, Ask(chat), {}, Generation.Source.API)

    worker.serve(model)

    first.refresh_from_db()
    second.refresh_from_db()
    answered = first.prompt_tokens + len("hello world")
    assert second.cached_tokens in (answered, answered + len("\nU:"))  # read ahead, if in time


def test_a_template_that_refuses_what_nobody_asked_yet_does_no_harm(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    render = backend.vocabulary.render

    def refuse_answers(messages: list[dict[str, Any]], tools: Any) -> str:
        assert all(message["role"] == "user" for message in messages)
        return render(messages, tools)

    backend.vocabulary.render = refuse_answers  # type: ignore[method-assign]
    for _ in range(2):
        run = ask(alice, model)
        worker.serve(model)
        run.refresh_from_db()
        assert run.status == Status.DONE
    [(_shape, runner)] = worker.runners.values()
    assert not runner.is_broken


def test_the_marks_of_calls_are_in_the_text_also_where_they_are_control_tokens(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.vocabulary.control = {"[CALL]": 200, "[END]": 201}
    backend.vocabulary.format = Format("[CALL]", ":", "", "[CALL]")
    function = {"name": "f", "description": "", "parameters": {"properties": {}}, "strict": False}
    tools = {"functions": [function], "choice": {"name": "f"}, "parallel": True}
    chat = [{"role": "user", "content": "hi"}]
    run = lifecycle.submit(alice, model, Ask(chat, tools), {}, Generation.Source.API)

    worker.serve(model)

    log = TokenLog.default()
    call, arguments = log.text(run.pk).split(":")
    assert call == "[CALL]f"
    assert json.loads(arguments) == {}
    assert log.tokens(run.pk) == [200, *b"f:", *arguments.encode()]
    assert log.events(run.pk)[0] == Started("1-0", backend.vocabulary.format.as_json())
    [(_shape, runner)] = worker.runners.values()
    assert str(run.pk) in runner.kept_runs
