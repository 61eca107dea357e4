"""What the page of a comparison and its socket show. As long as the names are hidden, nothing here
may tell one model from another: no name, no figures, no wait for a certain one, no error's words.
"""

from functools import partial
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations import fragments, markdown, thoughts, waiting
from conversations.comparisons.actions import FEWEST
from conversations.comparisons.history import History
from conversations.figures import figures
from conversations.live_answers import Begun, Grown
from conversations.models import ComparedAnswer, Comparison
from conversations.parameters.forms import LABELS, as_typed
from conversations.streaming import Canvas


def column(answer: ComparedAnswer, grown: Grown | None = None, swap: str = "") -> SafeString:
    """An answer; `grown` is what a live one has grown to, if that is known."""
    run, shows_names = answer.generation, answer.comparison.shows_names
    live = run is not None and run.is_live
    if run and live:
        grown = grown or fragments.so_far(run, begun(answer))
        thought = grown.thought
    else:
        seconds = answer.thinking_seconds if shows_names else None
        thought = thoughts.ended(answer.thought, seconds)
    return _render(
        "_column",
        answer=answer,
        comparison=answer.comparison,
        name=name(answer),
        id=element(answer),
        live=live,
        line=wording(answer, waiting.line(run)) if run and live else "",
        text="" if live else markdown.render(answer.content),
        blocks=grown.answer if grown else None,
        thought=thoughts.drawn(element(answer), thought),
        error=_error(answer),
        figures=figures(run) if run and not live and shows_names else [],
        is_winner=answer.comparison.winner_id == answer.pk,
        swap=swap,
    )


def canvas(answer: ComparedAnswer) -> Canvas:
    draw = partial(column, answer, swap="true")
    return Canvas(element(answer), draw, partial(wording, answer), begun(answer))


def begun(answer: ComparedAnswer) -> Begun:
    return Begun(tells_seconds=answer.comparison.shows_names)


def verdict(comparison: Comparison, answers: list[ComparedAnswer], swap: str = "") -> SafeString:
    """Stopping while answers grow, and then the vote."""
    return _render(
        "_verdict",
        comparison=comparison,
        answers=[(answer, name(answer)) for answer in answers],
        live=any(answer.is_live for answer in answers),
        can_vote=sum(bool(answer.content) for answer in answers) >= FEWEST,
        swap=swap,
    )


def version(comparison: Comparison, answers: list[ComparedAnswer]) -> str:
    """Equal as long as nothing but the texts of live answers changes."""
    statuses = ["live" if answer.is_live else answer.status for answer in answers]
    carried_on = [answer.conversation_id for answer in answers]
    state = [comparison.voted_at, statuses, carried_on]
    return blake2b(repr(state).encode(), digest_size=8).hexdigest()


def farewell() -> SafeString:
    """What becomes of a page whose comparison was deleted."""
    told = fragments.notice(
        _("This comparison was deleted."),
        link="/compare/",
        link_text=_("Start a new one"),
        tone="warning",
        swap="true",
    )
    return _render("_gone") + told


def history(found: History) -> SafeString:
    rows = [
        (comparison, _models(comparison), _outcome(comparison)) for comparison in found.comparisons
    ]
    return _render("_history", rows=rows, after=found.after)


def parameters(comparison: Comparison) -> list[tuple[str, str]]:
    """What was set for all, with its names."""
    return [(str(LABELS[key]), as_typed(value)) for key, value in comparison.parameters.items()]


def element(answer: ComparedAnswer) -> str:
    return f"answer-{answer.pk}"


def name(answer: ComparedAnswer) -> str:
    shown = str(answer.model or answer.model_name)
    if not answer.comparison.is_blind:
        return shown
    if not answer.comparison.shows_names:
        return answer.letter
    return f"{answer.letter} · {shown}"


def wording(answer: ComparedAnswer, line: str) -> str:
    if not line or answer.comparison.shows_names:
        return line
    return _("Waiting…")


def _models(comparison: Comparison) -> str:
    if not comparison.shows_names:
        return _("names hidden")
    return ", ".join(str(answer.model or answer.model_name) for answer in comparison.answers.all())


def _outcome(comparison: Comparison) -> str:
    match comparison.verdict:
        case Comparison.Verdict.WINNER:
            best = [one for one in comparison.answers.all() if one.pk == comparison.winner_id]
            return _("best: %(model)s") % {"model": best[0].model or best[0].model_name}
        case "":
            return _("no vote yet")
    return comparison.get_verdict_display()


def _error(answer: ComparedAnswer) -> str:
    if answer.status != "failed" or answer.generation is None:
        return ""
    shown = answer.generation.failure if answer.comparison.shows_names else ""
    return shown or _("The answer failed.")


def _render(template: str, request: HttpRequest | None = None, **context: Any) -> SafeString:
    return render_to_string(f"comparisons/{template}.html", context, request)
