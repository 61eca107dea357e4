"""How runs end: in what their rows will say of it, and in sentences for people."""

from django.utils.translation import gettext as _

from inference import failures, lifecycle
from inference.engine.continuation import UnknownToken
from inference.engine.lark import GrammarError, TooFewTokens
from inference.engine.prompt import PromptTooLong
from inference.engine.sequence import End
from inference.lifecycle import Outcome
from inference.models import Generation
from inference.worker.embedding_run import Refused
from inference.worker.runner import Work

REFUSALS = (PromptTooLong, UnknownToken, Refused, GrammarError)
"""What a runner raises for a run that can't begin, by its own fault."""

_OUTCOMES = {
    End.STOP: (Generation.Status.DONE, Generation.Reason.STOP),
    End.LENGTH: (Generation.Status.DONE, Generation.Reason.LENGTH),
    End.CANCELLED: (Generation.Status.STOPPED, Generation.Reason.CANCELLED),
    End.DEADLINE: (Generation.Status.STOPPED, Generation.Reason.DEADLINE),
    End.ERROR: (Generation.Status.FAILED, Generation.Reason.ERROR),
    End.GRAMMAR: (Generation.Status.FAILED, Generation.Reason.GRAMMAR),
}


def outcome_of(run: Work) -> Outcome | None:
    if run.end is None or run.end is End.HANDOVER or run.is_lost:
        return None
    status, reason = _OUTCOMES[run.end]
    return Outcome(
        status,
        reason,
        text=run.text,
        thought=run.thought,
        thinking_seconds=run.thinking_seconds,
        error=_error_of(run.end),
        prompt_tokens=run.prompt_tokens,
        cached_tokens=run.cached_tokens,
        completion_tokens=len(run.tokens),
        tokens=tuple(run.tokens),
        first_token_at=run.first_token_at,
    )


def refused(error: Exception) -> Outcome:
    """Of a run for which the runner raised one of REFUSALS."""
    match error:
        case PromptTooLong():
            return Outcome.failed(_too_long(error), Generation.Reason.TOO_LONG)
        case UnknownToken():
            return Outcome.failed(_unknown(error), Generation.Reason.UNREADABLE)
        case Refused(reason=reason):
            return Outcome.failed(str(error), reason)
        case TooFewTokens():
            return Outcome.failed(str(error), Generation.Reason.TOO_FEW)
    return Outcome.failed(str(error), Generation.Reason.GRAMMAR)


def failed(generation: Generation, error: str) -> Outcome:
    """What earlier attempts produced is kept."""
    return Outcome.failed(error, **lifecycle.produced(generation))


def _too_long(error: PromptTooLong) -> str:
    return failures.TOO_LONG % {"tokens": error.tokens, "most": error.most}


def _unknown(error: UnknownToken) -> str:
    return failures.UNKNOWN_TOKEN % {"token": error.token, "last": error.size - 1}


def _error_of(end: End) -> str:
    match end:
        case End.ERROR:
            return _("The model failed while it answered.")
        case End.GRAMMAR:
            return _("The grammar is too ambiguous for a text of this length.")
    return ""
