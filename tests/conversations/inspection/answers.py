"""Answers whose tokens are known, and the runs that look at them."""

from conversations.models import Message
from inference import lifecycle, queue
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from inference.token_log import Candidate, Started, TokenLog, TokenLogprob, Tokens
from inference.token_log.events import event_id
from tests.conversations.builders import fresh, started

Status, Reason = Generation.Status, Generation.Reason
FOX = {7: b"A", 8: b" fox", 9: b" is", 10: b" red", 11: b" sly"}
OTHER = Candidate(b" cat", -3.0, 12)


def written(answer: Message, *ids: int, reason: Reason = Reason.STOP) -> Message:
    """The answer, with these tokens."""
    run = started(answer)
    text = "".join(FOX[id].decode() for id in ids)
    end = Outcome(Status.DONE, reason, text=text, tokens=ids, completion_tokens=len(ids))
    assert lifecycle.finish(run.pk, run.attempt, end)
    return fresh(answer)


def work(model: AIModel, *ids: int) -> Generation:
    """A worker takes the next run, and tells of these tokens."""
    run = queue.claim(model.pk, "worker")
    assert run
    log = TokenLog.default()
    log.write([(run.pk, Started(event_id(run.attempt, 0)))])
    for number, id in enumerate(ids, start=1):
        chosen = Candidate(FOX[id], -0.1 * number, id)
        told = (TokenLogprob(chosen, (chosen, OTHER), 0),)
        log.write([(run.pk, Tokens(event_id(run.attempt, number), (id,), "", told))])
    done = Outcome(Status.DONE, Reason.LENGTH, tokens=ids, completion_tokens=len(ids))
    assert lifecycle.finish(run.pk, run.attempt, done)
    return run
