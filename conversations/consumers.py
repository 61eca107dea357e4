"""One open page: what happens comes out here; commands go in by HTTP."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.http import Http404
from django.utils import translation
from django.utils.safestring import SafeString

from accounts import languages
from accounts.models import User
from conversations import fragments, notices, organising, sessions, sidebar, thread
from conversations.access import aconversation_for, conversation_for, may_write, message_for
from conversations.client_messages import Hello, Hidden, Seen, parse
from conversations.messages import fragments as in_message
from conversations.messages.shown import Shown, for_reader
from conversations.models import Conversation
from conversations.organising import fragments as in_list
from conversations.streaming import AnswerStream, Canvas
from inference.models import Generation

logger = logging.getLogger(__name__)

REVOKED = 4401
"""Close code: this session's right to the page has ended."""
GONE_WRONG = 1011
AHEAD = 24
"""Frames sent before the page says that it drew them; beyond that it gets one a second at most."""
PATIENCE_SECONDS = 1.0


@dataclass(frozen=True)
class _Missing:
    """What the page lacks, as fragments, and what is to be drawn from now on."""

    html: str
    live: list[tuple[Shown, Generation]]
    is_other_branch: bool


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels is untyped
    user: User
    conversation: Conversation | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._said_hello = self._is_visible = False
        self._last = 0
        """Every message of the conversation up to this one is in the page."""
        self._action = ""
        self._streams: dict[int, asyncio.Task[None]] = {}
        self._drawing = asyncio.Lock()
        self._sent = self._seen = 0
        self._caught_up = asyncio.Event()

    async def connect(self) -> None:
        if not self.scope["user"].is_authenticated:
            await self.close()
            return
        self.user = self.scope["user"]
        translation.activate(languages.of_socket(self.scope))
        if conversation_id := self.scope["url_route"]["kwargs"].get("conversation_id"):
            try:
                self.conversation = await aconversation_for(self.user, conversation_id, "read")
            except Http404:
                await self.close()
                return
        self.groups = [notices.group(self.user.pk)]
        await self._join()
        await self.accept()

    async def _join(self) -> None:
        await self.channel_layer.group_add(self.groups[0], self.channel_name)

    async def disconnect(self, code: int) -> None:
        self._stop_streams()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        match parse(text_data):
            case Hello() as hello:
                await self._greet(hello)
            case Hidden():
                self._is_visible = False
            case Seen(count=count):
                self._seen = max(self._seen, min(count, self._sent))
                self._caught_up.set()

    async def notice(self, event: dict[str, str]) -> None:
        """From conversations.notices; what it says is read from the rows."""
        match event["kind"]:
            case "signed_out":
                if event["subject"] == self.scope["session"].session_key:
                    await self.close(REVOKED)
            case "account":
                await self._close_if_revoked()
            case "lists" if self._said_hello:
                await self._draw(in_list.stale())
            case "project" if self._said_hello:
                await self._draw_messages([])  # its reader may have lost the right to it
                await self._draw(fragments.project_changed(UUID(event["subject"])))
            case "comparison":
                pass  # the page of that one draws it, see comparisons.consumers
            case "feedback" if self._said_hello:
                await self._draw(await self._rating(int(event["subject"])))
            case kind if self._said_hello:
                await self._draw_change(kind, UUID(event["subject"]))

    async def _close_if_revoked(self) -> bool:
        if await sessions.is_valid_async(self.scope["session"].session_key, self.user.pk):
            return False
        await self.close(REVOKED)
        return True

    async def _greet(self, hello: Hello) -> None:
        """Draw what the page has missed since it was made, or since it lost its last socket."""
        await self._join()  # anew, as memberships expire after a day
        if not await self._close_if_revoked():
            await self._draw_missed(hello)

    async def _draw_missed(self, hello: Hello) -> None:
        self._said_hello = True
        self._is_visible = hello.is_visible
        self._last = max(self._last, hello.last)
        if self.conversation:
            await self._draw_messages(hello.live)
            await self._mark_read()
        if html := await self._new_listing(hello.sidebar):
            await self._draw(html)

    @database_sync_to_async
    def _mark_read(self) -> None:
        is_theirs = self.conversation is not None and self.conversation.user_id == self.user.pk
        if self.conversation and is_theirs and self._is_visible:
            organising.mark_read(self.conversation)

    @database_sync_to_async
    def _new_listing(self, version: str) -> str:
        zone = sidebar.zone_of(self.scope["cookies"])
        listing = sidebar.listing_of_version(self.user, zone, version)
        if listing.version == version:
            return ""
        return in_list.conversations(listing, self.conversation, swap="true")

    async def _draw_change(self, kind: str, conversation_id: UUID) -> None:
        is_shown = self.conversation is not None and self.conversation.pk == conversation_id
        if kind == "deleted":
            await self._draw_deletion(conversation_id, is_shown)
            return
        if is_shown and kind in ("messages", "branch"):
            await self._draw_messages([])
        if kind != "branch":
            await self._draw(await self._sidebar_change(kind, conversation_id, is_shown))

    @database_sync_to_async
    def _sidebar_change(self, kind: str, conversation_id: UUID, is_shown: bool) -> str:
        changed = Conversation.objects.kept().filter(pk=conversation_id).first()
        if changed is None:
            return ""
        html = fragments.project_changed(changed.project_id) if changed.project_id else ""
        if changed.user_id == self.user.pk:
            if is_shown and self._is_visible:
                organising.mark_read(changed)
            zone = sidebar.zone_of(self.scope["cookies"])
            html += in_list.changed(self.user, conversation_id, zone)
        if is_shown and kind == "title":
            html += fragments.title(changed, swap="true")
        return html

    @database_sync_to_async
    def _rating(self, answer_id: int) -> str:
        """The thumbs of an answer in this conversation, as its reader has set them."""
        with suppress(Http404):
            answer = message_for(self.user, answer_id, "read")
            if self.conversation and answer.conversation_id == self.conversation.pk:
                [shown] = for_reader([answer], self.conversation, self.user)
                return in_message.rating(answer, shown.rating, swap="true")
        return ""

    async def _draw_deletion(self, conversation_id: UUID, is_shown: bool) -> None:
        html = in_list.gone(conversation_id)
        if is_shown:
            self.conversation = None
            self._stop_streams()
            html += fragments.farewell()
        await self._draw(html)

    async def _draw_messages(self, also: list[int]) -> None:
        """New messages, live answers that no stream draws yet, and those of `also` anew; or
        another branch as a whole, if that is the one to show now."""
        async with self._drawing:
            if self.conversation is None:
                return
            try:
                missing = await self._missing(self.conversation.pk, also)
            except Http404:  # its reader has lost the right to it
                await self._draw_deletion(self.conversation.pk, is_shown=True)
                return
            if missing.is_other_branch:
                self._stop_streams()
            await self._draw(missing.html)
            for shown, run in missing.live:
                stream = asyncio.create_task(self._stream(shown, run))
                self._streams[shown.message.pk] = stream

    @database_sync_to_async
    def _missing(self, conversation_id: UUID, also: list[int]) -> _Missing:
        conversation = conversation_for(self.user, conversation_id, "read")
        found = thread.missing(conversation, self._last, also)
        drawn = self._streams if not found.is_other_branch else ()
        messages = [message for message in found.messages if message.pk not in drawn]
        shown = for_reader(messages, conversation, self.user)
        if found.is_other_branch:
            html = [fragments.branch(shown, found.has_more, conversation)]
        else:
            html = [self._drawn(message) for message in shown]
        self._last = conversation.leaf_id or 0
        if may_write(self.user, conversation):
            html.append(self._new_action(conversation))
        live = [(one, run) for one in shown if (run := one.message.generation) and run.is_live]
        return _Missing("".join(html), live, found.is_other_branch)

    def _drawn(self, shown: Shown) -> SafeString:
        is_new = shown.message.pk > self._last
        return fragments.new_message(shown) if is_new else fragments.changed_message(shown)

    def _new_action(self, conversation: Conversation) -> SafeString:
        action = fragments.action(thread.live_answer(conversation), swap="true")
        if action == self._action:
            return fragments.EMPTY
        self._action = action
        return action

    def _stop_streams(self) -> None:
        for stream in self._streams.values():
            stream.cancel()
        self._streams.clear()

    async def _stream(self, shown: Shown, run: Generation) -> None:
        message_id = shown.message.pk
        try:
            canvas = Canvas(
                f"message-{message_id}",
                partial(fragments.changed_message, shown),
                begun=fragments.begun(shown.message),
            )
            await AnswerStream(canvas, run, self._draw_frame).draw()
            self._streams.pop(message_id, None)
            await self._draw_messages([message_id])
        except Exception:
            logger.exception("an answer could not be drawn")
            await self.close(GONE_WRONG)  # the page comes back and says what it lacks

    async def _draw(self, html: str) -> None:
        if html:
            self._sent += 1
            await self.send(text_data=html)

    async def _draw_frame(self, html: str) -> None:
        await self._draw(html)
        if self._sent - self._seen < AHEAD:
            return
        self._caught_up.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._caught_up.wait()
