"""What a model thought before it answered: folded above its answer."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations import markdown
from conversations.markdown import Frame

MINUTE = 60


@dataclass(frozen=True)
class Thought:
    blocks: Frame
    seconds: float | None = None
    """How long it took, if that is known."""
    is_live: bool = False
    """Its answer is still being written."""
    is_running: bool = False


def element(answer: str) -> str:
    """The id of the thought's element by that of its answer's."""
    return f"{answer}-thought"


def ended(text: str, seconds: float | None) -> Thought | None:
    return Thought(Frame(closed=markdown.render(text)), seconds) if text else None


def drawn(answer: str, thought: Thought | None) -> SafeString:
    """Nothing where there is none. `answer` is the id of its answer's element."""
    if thought is None:
        return SafeString()
    context = {"id": element(answer), "thought": thought, "label": label(thought)}
    return render_to_string("messages/_thought.html", context)


def label(thought: Thought) -> SafeString:
    """What its line says."""
    if thought.is_running:
        return format_html('<span class="thinking">{}</span>', _("Thinking…"))
    return format_html("{}", _length(thought.seconds))


def _length(seconds: float | None) -> str:
    if seconds is None:
        return _("Thought")
    whole = max(1, round(seconds))
    if whole < MINUTE:
        return _("Thought for %(seconds)d s") % {"seconds": whole}
    span = {"minutes": whole // MINUTE, "seconds": whole % MINUTE}
    return _("Thought for %(minutes)d min %(seconds)d s") % span
