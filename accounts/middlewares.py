"""Middlewares that are written once for synchronous and asynchronous requests.

    @middleware
    def note(request: HttpRequest) -> Course:
        response = yield None                  # the others answer
        response["X-Note"] = "a quick change"  # on the event loop, where there is one
        yield partial(save, response)          # in a thread that may use the database
        return None

A course that returns a response before its first `yield` has answered in the others' place. What
keeps them from answering, such as that the client has gone away, is raised at the first `yield`;
nothing can be awaited any more then.
"""

from collections.abc import Callable, Generator
from contextlib import suppress
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

Job = Callable[[], None]
Course = Generator[Job | None, HttpResponseBase, HttpResponseBase | None]
GetResponse = Callable[[HttpRequest], Any]


def middleware(course_of: Callable[[HttpRequest], Course]) -> Callable[[GetResponse], GetResponse]:
    @sync_and_async_middleware
    @wraps(course_of)
    def around(get_response: GetResponse) -> GetResponse:
        kind = _asynchronous if iscoroutinefunction(get_response) else _synchronous
        return kind(course_of, get_response)

    return around


def _synchronous(
    course_of: Callable[[HttpRequest], Course], get_response: GetResponse
) -> GetResponse:
    def answer(request: HttpRequest) -> HttpResponseBase:
        course = course_of(request)
        if early := _begin(course):
            return early
        try:
            response: HttpResponseBase = get_response(request)
        except BaseException as error:
            course.throw(error)
            raise
        for job in _jobs(course, response):
            job()
        return response

    return answer


def _asynchronous(
    course_of: Callable[[HttpRequest], Course], get_response: GetResponse
) -> GetResponse:
    async def answer(request: HttpRequest) -> HttpResponseBase:
        course = course_of(request)
        if early := _begin(course):
            return early
        try:
            response: HttpResponseBase = await get_response(request)
        except BaseException as error:
            course.throw(error)
            raise
        for job in _jobs(course, response):
            await sync_to_async(job)()
        return response

    return answer


def _begin(course: Course) -> HttpResponseBase | None:
    """What it answers itself; None once the others are to answer."""
    try:
        next(course)
    except StopIteration as end:
        response: HttpResponseBase = end.value
        return response
    return None


def _jobs(course: Course, response: HttpResponseBase) -> Generator[Job]:
    with suppress(StopIteration):
        job = course.send(response)
        while job is not None:
            yield job
            job = next(course)
