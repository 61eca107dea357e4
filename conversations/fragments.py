"""Each `_x.html` is rendered here, by one function, for pages and sockets alike.

`swap` is htmx's out-of-band attribute: where a socket's fragment goes in the page.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from conversations import markdown, sidebar, thread, waiting
from conversations.figures import figures
from conversations.markdown import BlockStream, Frame
from conversations.models import Conversation, Message
from inference.token_log import TokenLog

NOTICE = "notice"
MESSAGES = "messages"
INBOX = "sidebar-inbox"
EMPTY = mark_safe("")


def message(shown: Message, blocks: Frame | None = None, swap: str = "") -> SafeString:
    """A message; `blocks` is what a live answer has grown to, if that is known."""
    run = shown.generation
    live = run is not None and run.is_live
    return _render(
        "_message",
        message=shown,
        generation=run,
        live=live,
        status=status(shown, waiting.line(run)) if run and live else EMPTY,
        answer=EMPTY if live else markdown.render(shown.content),
        blocks=blocks or _so_far(shown) if live else None,
        figures=[] if run is None or live else figures(run),
        can_retry=thread.can_retry(shown),
        swap=swap,
    )


def new_message(shown: Message) -> SafeString:
    return _swap(f"beforeend:#{MESSAGES}", message(shown))


def changed_message(shown: Message, blocks: Frame | None = None) -> SafeString:
    return message(shown, blocks, swap="true")


def growth(message_id: int, frame: Frame) -> SafeString:
    """One step of a growing answer: blocks that closed, and what changed in the open one."""
    area = f"#message-{message_id}-open"
    steps = [
        (f"beforebegin:{area}", frame.closed or None),
        (f"innerHTML:{area}", frame.open),
        (f"beforeend:{area} .grown", frame.grown or None),
        (f"innerHTML:{area} .last", frame.last),
    ]
    return _join(_swap(target, html) for target, html in steps if html is not None)


def status(message: Message, line: str, swap: str = "") -> SafeString:
    return _render("_status", message=message, line=line, swap=swap)


def earlier(messages: list[Message], more: bool, conversation: Conversation) -> SafeString:
    """A stretch of a conversation, with the way to what was said before it."""
    return _render(
        "_earlier",
        messages=[message(shown) for shown in messages],
        first=messages[0] if messages else None,
        more=more,
        conversation=conversation,
    )


def branch(messages: list[Message], more: bool, conversation: Conversation) -> SafeString:
    """In place of another branch that the page shows."""
    return _swap(f"innerHTML:#{MESSAGES}", earlier(messages, more, conversation))


def action(live: Message | None, swap: str = "") -> SafeString:
    """Send, or Stop while an answer is being written."""
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


def conversations(
    listing: sidebar.Listing, current: Conversation | None = None, swap: str = ""
) -> SafeString:
    items = [
        (group, [_item(row, current) for row in group.conversations]) for group in listing.groups
    ]
    return _render("_conversations", listing=listing, groups=items, swap=swap)


def conversation(changed: Conversation, place: str) -> SafeString:
    """A changed entry of the sidebar. The page's script puts it where it belongs, as only the
    page knows how much of the list it shows: `place` is top, here or gone."""
    return _swap(f"beforeend:#{INBOX}", _item(changed, None, place=place))


def rename(request: HttpRequest, conversation: Conversation, form: forms.Form) -> SafeString:
    return _render("_rename", request, conversation=conversation, form=form)


def delete(request: HttpRequest, conversation: Conversation) -> SafeString:
    return _render("_delete", request, conversation=conversation)


def composer(request: HttpRequest, context: Mapping[str, Any]) -> SafeString:
    return _render("_composer", request, **context)


def _item(row: Conversation, current: Conversation | None, place: str = "") -> SafeString:
    return _render("_conversation", conversation=row, is_current=row == current, place=place)


def _so_far(shown: Message) -> Frame:
    if shown.generation is None or not shown.generation.attempt:
        return Frame()
    try:
        text = TokenLog.default().text(shown.generation.pk)
    except RedisError:  # the socket brings it when Redis is back
        return Frame()
    return BlockStream().feed(text)


def _swap(target: str, html: SafeString) -> SafeString:
    return format_html('<div hx-swap-oob="{}">{}</div>', target, html)


def _join(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 (of safe parts)


def _render(name: str, request: HttpRequest | None = None, **context: Any) -> SafeString:
    return render_to_string(f"conversations/{name}.html", context, request)
