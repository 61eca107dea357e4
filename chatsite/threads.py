"""The threads in which requests run what may block, such as the database: they are lent to one
request after the other, with their open connections to the database."""

from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.db import connections

KEPT = 16
"""So many wait for requests to come; with more requests at once there are more."""

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Thread(ThreadPoolExecutor):
    """One thread, for one request at a time, which does one thing after the other."""

    def __init__(self) -> None:
        super().__init__(max_workers=1, thread_name_prefix="request")
        self._latest: Future[Any] | None = None

    def submit(self, *job: Any, **options: Any) -> Future[Any]:
        self._latest = super().submit(*job, **options)
        return self._latest

    @property
    def is_idle(self) -> bool:
        """Not while it still does what a request wanted that was cancelled."""
        return self._latest is None or self._latest.done()

    def end(self) -> None:
        self.submit(connections.close_all)
        self.shutdown(wait=False)


class LentThreads:
    """Around an ASGI application for HTTP, in which Django would begin a thread with each request,
    and connect anew."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._idle: list[Thread] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        thread = self._idle.pop() if self._idle else Thread()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self._application(scope, receive, send)
        finally:
            if thread.is_idle and len(self._idle) < KEPT:
                self._idle.append(thread)
            else:
                thread.end()
