"""Answers of which a part is there: to go on with, or to be told how likely it is."""

import pytest

from accounts.models import User
from inference import lifecycle
from inference.ask import Ask
from inference.demo import ensure_demo_models
from inference.models import AIModel, Generation
from inference.token_log import TokenLog, Tokens
from inference.token_log.logprobs import TokenLogprob
from inference.worker.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
Kind, Reason = Generation.Kind, Generation.Reason


class Asker:
    """Has the demo model answer, most likely token by token."""

    def __init__(self, user: User, model: AIModel, worker: Worker) -> None:
        self.user, self.model, self.worker = user, model, worker

    def run(
        self, begun: str | list[int] | None = None, kind: Kind = Kind.CHAT, limit: int = 12
    ) -> Generation:
        ask = Ask(QUESTION, begun=begun, kind=kind)
        parameters = {"temperature": 0, "max_tokens": limit, "logprobs": True, "top_logprobs": 3}
        run = lifecycle.submit(self.user, self.model, ask, parameters, Generation.Source.API)
        self.worker.serve(self.model)
        run.refresh_from_db()
        return run


@pytest.fixture
def asker(alice: User, worker: Worker) -> Asker:
    ensure_demo_models()
    model = AIModel.objects.preferred()
    assert model
    return Asker(alice, model, worker)


def text_of(run: Generation) -> str:
    return TokenLog.default().text(run.pk)


def tokens_of(run: Generation) -> list[int]:
    return TokenLog.default().tokens(run.pk)


def logprobs_of(run: Generation) -> list[TokenLogprob]:
    events = TokenLog.default().events(run.pk)
    return [told for event in events if isinstance(event, Tokens) for told in event.logprobs]


def test_it_goes_on_where_an_answer_was_cut(asker: Asker) -> None:
    whole = asker.run()
    cut = asker.run(limit=3)
    assert cut.reason == Reason.LENGTH

    rest = asker.run(begun=tokens_of(cut), limit=9)

    assert text_of(cut) + text_of(rest) == text_of(whole)
    assert rest.prompt_tokens == whole.prompt_tokens + 3
    assert rest.completion_tokens == whole.completion_tokens - 3
    assert rest.begun is None


def test_it_goes_on_after_a_text(asker: Asker) -> None:
    whole = asker.run()
    beginning = text_of(asker.run(limit=3))

    rest = asker.run(begun=beginning)

    assert beginning + text_of(rest) == text_of(whole)


def test_an_answer_that_is_there_is_said_as_it_is(asker: Asker) -> None:
    unlikely = tokens_of(asker.run())[::-1]

    score = asker.run(begun=unlikely, kind=Kind.SCORE)

    assert tokens_of(score) == unlikely
    assert [told.chosen.id for told in logprobs_of(score)] == unlikely
    assert (score.reason, score.completion_tokens) == (Reason.LENGTH, len(unlikely))


def test_it_is_as_likely_as_when_it_was_written(asker: Asker) -> None:
    whole = asker.run()

    score = asker.run(begun=tokens_of(whole), kind=Kind.SCORE)

    written, told = logprobs_of(whole), logprobs_of(score)
    assert [row.chosen.id for row in told] == [row.chosen.id for row in written]
    assert [row.chosen.logprob for row in told] == pytest.approx(
        [row.chosen.logprob for row in written], abs=0.05
    )
    assert all(row.top[0].id == row.chosen.id for row in told)  # the likeliest was taken


def test_an_answer_that_does_not_fit_is_refused(asker: Asker) -> None:
    asker.model.context_window = 64
    asker.model.save()

    assert asker.run(begun=[1] * 64).reason == Reason.TOO_LONG
    assert asker.run(begun=[1] * 64, kind=Kind.SCORE).reason == Reason.TOO_LONG


def test_a_token_that_the_model_does_not_have_is_refused(asker: Asker) -> None:
    assert asker.run(begun=[10**8]).reason == Reason.UNREADABLE
