"""Each `_x.html` is rendered here, by one function, for pages and sockets alike.

`swap` is htmx's out-of-band attribute: where a socket's fragment goes in the page.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from conversations import markdown, thoughts, thread, waiting
from conversations.figures import figures
from conversations.live_answers import NOTHING, Begun, Grown, LiveAnswer
from conversations.markdown import Frame
from conversations.messages import fragments as messages
from conversations.messages.shown import Shown
from conversations.models import Conversation, Message
from inference.models import Generation
from inference.token_log import TokenLog

NOTICE = "notice"
MESSAGES = "messages"
INBOX = "sidebar-inbox"
EMPTY = mark_safe("")


def message(shown: Shown, grown: Grown | None = None, swap: str = "") -> SafeString:
    """A message; `grown` is what a live answer has grown to, if that is known."""
    said = shown.message
    run = said.generation
    live = run is not None and run.is_live
    if run and live:
        grown = grown or so_far(run, begun(said))
        thought = grown.thought
    else:
        thought = thoughts.ended(said.thought, said.thinking_seconds)
    return _render(
        "_message",
        author=shown.author,
        model=shown.model,
        message=said,
        generation=run,
        live=live,
        status=status(f"message-{said.pk}", waiting.line(run)) if run and live else EMPTY,
        answer=EMPTY if live else markdown.render(said.content),
        blocks=grown.answer if grown else None,
        thought=thoughts.drawn(f"message-{said.pk}", thought),
        is_cut=thread.can_go_on(said),
        figures=[] if run is None or live else figures(run),
        versions=messages.versions(shown),
        actions=EMPTY if live else messages.actions(shown),
        swap=swap,
    )


def new_message(shown: Shown) -> SafeString:
    return _swap(f"beforeend:#{MESSAGES}", message(shown))


def changed_message(shown: Shown, grown: Grown | None = None) -> SafeString:
    return message(shown, grown, swap="true")


def growth(answer: str, frame: Frame) -> SafeString:
    """One step of a growing answer: blocks that closed, and what changed in the open one. `answer`
    is the id of its element."""
    area = f"#{answer}-open"
    steps = [
        (f"beforebegin:{area}", frame.closed or None),
        (f"innerHTML:{area}", frame.open),
        (f"beforeend:{area} .grown", frame.grown or None),
        (f"innerHTML:{area} .last", frame.last),
    ]
    return _join(_swap(target, html) for target, html in steps if html is not None)


def growth_of_thought(
    answer: str, thought: thoughts.Thought, before: thoughts.Thought | None
) -> SafeString:
    """`before` is what the page has of it. `answer` is the id of its answer's element."""
    id = thoughts.element(answer)
    if before is None:
        return _swap(f"beforebegin:#{answer}-content", thoughts.drawn(answer, thought))
    grown, label = growth(id, thought.blocks), thoughts.label(thought)
    if label == thoughts.label(before):
        return grown
    return grown + _swap(f"innerHTML:#{id}-label", label)


def status(answer: str, line: str, swap: str = "") -> SafeString:
    """`answer` is the id of its element."""
    return _render("_status", id=answer, line=line, swap=swap)


def earlier(stretch: list[Shown], more: bool, conversation: Conversation) -> SafeString:
    """A stretch of a conversation, with the way to what was said before it."""
    return _render(
        "_earlier",
        messages=[message(shown) for shown in stretch],
        first=stretch[0].message if stretch else None,
        more=more,
        conversation=conversation,
    )


def branch(stretch: list[Shown], more: bool, conversation: Conversation) -> SafeString:
    """In place of another branch that the page shows."""
    return _swap(f"innerHTML:#{MESSAGES}", earlier(stretch, more, conversation))


def action(live: int | None, swap: str = "") -> SafeString:
    """Send, or Stop while an answer is being written: `live` is its id."""
    return _render("_action", live=live, swap=swap)


def notice(
    text: str, link: str = "", link_text: str = "", tone: str = "error", swap: str = ""
) -> SafeString:
    return _render(
        "_notice", text=text, link=link, link_text=link_text, tone=tone, id=NOTICE, swap=swap
    )


def farewell() -> SafeString:
    """What becomes of a page whose conversation was deleted."""
    told = notice(
        _("This conversation was deleted."),
        link="/",
        link_text=_("Start a new one"),
        tone="warning",
        swap="true",
    )
    return _join([_swap(f"innerHTML:#{MESSAGES}", EMPTY), told])


def title(conversation: Conversation | None, swap: str = "") -> SafeString:
    return _render("_title", conversation=conversation, swap=swap)


def project_changed(project_id: UUID) -> SafeString:
    """Nothing to show: the page of this project takes it as a reason to ask for its list anew."""
    entry = format_html('<li id="project-{}" data-place="gone"></li>', project_id)
    return _swap(f"beforeend:#{INBOX}", entry)


def composer(request: HttpRequest, context: Mapping[str, Any]) -> SafeString:
    return _render("_composer", request, **context)


def read_only(conversation: Conversation, problem: str) -> SafeString:
    """Where others have the composer."""
    return _render("_read_only", conversation=conversation, notice=notice(problem))


def begun(answer: Message) -> Begun:
    """What a live answer goes on after: its row has that until it ends."""
    return Begun(answer.content, answer.thought, answer.thinking_seconds)


def so_far(run: Generation, begun: Begun = NOTHING) -> Grown:
    """What a live answer has grown to."""
    answer = LiveAnswer(begun)
    with suppress(RedisError):  # the socket brings it when Redis is back
        for event in TokenLog.default().generated(run.pk) if run.attempt else ():
            answer.take(event)
    return answer.draw()


def _swap(target: str, html: SafeString) -> SafeString:
    return format_html('<div hx-swap-oob="{}">{}</div>', target, html)


def _join(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 (of safe parts)


def _render(name: str, request: HttpRequest | None = None, **context: Any) -> SafeString:
    return render_to_string(f"conversations/{name}.html", context, request)
