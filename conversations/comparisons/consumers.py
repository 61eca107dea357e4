"""The socket of a comparison's page: the sidebar's news as on every page, and its answers."""

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.db import database_sync_to_async
from django.http import Http404

from conversations.access import comparison_for
from conversations.client_messages import Hello
from conversations.comparisons import fragments
from conversations.comparisons.actions import answers_of
from conversations.consumers import GONE_WRONG, ChatConsumer
from conversations.models import ComparedAnswer
from conversations.streaming import AnswerStream
from inference.models import Generation

logger = logging.getLogger(__name__)


class ComparisonConsumer(ChatConsumer):
    comparison_id: UUID
    _version = ""
    """Of what the page shows at first, see fragments.version; it says it in the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shown: dict[str, str] = {}
        """What the page has of each part, but for answers that grow."""

    async def connect(self) -> None:
        self.comparison_id = self.scope["url_route"]["kwargs"]["comparison_id"]
        asked = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        self._version = asked.get("version", [""])[0]
        try:
            await self._read()
        except Http404:
            await self.close()
            return
        await super().connect()

    async def notice(self, event: dict[str, str]) -> None:
        await super().notice(event)
        is_mine = event["kind"] == "comparison" and UUID(event["subject"]) == self.comparison_id
        if is_mine and self._said_hello:
            await self._draw_comparison()

    async def _draw_missed(self, hello: Hello) -> None:
        await super()._draw_missed(hello)
        await self._draw_comparison()

    async def _draw_comparison(self) -> None:
        """What has changed, and from now on the live answers that no stream draws yet."""
        async with self._drawing:
            try:
                answers, html = await self._news()
            except Http404:
                self._stop_streams()
                await self._draw(fragments.farewell())
                return
            await self._draw(html)
            for answer in answers:
                run = answer.generation
                if run and run.is_live and answer.pk not in self._streams:
                    self._streams[answer.pk] = asyncio.create_task(self._follow(answer, run))

    @database_sync_to_async
    def _read(self) -> Any:
        return comparison_for(self.scope["user"], self.comparison_id)

    @database_sync_to_async
    def _news(self) -> tuple[list[ComparedAnswer], str]:
        comparison = comparison_for(self.user, self.comparison_id)
        answers = answers_of(comparison)
        parts: dict[str, str] = {
            fragments.element(answer): fragments.column(answer, swap="true")
            for answer in answers
            if answer.pk not in self._streams
        }
        parts["verdict"] = fragments.verdict(comparison, answers, swap="true")
        changed = [html for id, html in parts.items() if self._shown.get(id) != html]
        is_known = self._version == fragments.version(comparison, answers)
        self._version, self._shown = "", parts
        return answers, "" if is_known else "".join(changed)

    async def _follow(self, answer: ComparedAnswer, run: Generation) -> None:
        try:
            await AnswerStream(fragments.canvas(answer), run, self._draw_frame).draw()
            self._streams.pop(answer.pk, None)
            await self._draw_comparison()
        except Exception:
            logger.exception("an answer could not be drawn")
            await self.close(GONE_WRONG)  # the page comes back and says what it lacks
