"""Middlewares that are written once, around views of either kind."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.middlewares import Course, middleware

seen: list[str] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


@middleware
def noting(request: HttpRequest) -> Course:
    if request.path == "/early":
        return HttpResponse("early")
    seen.append("before")
    try:
        response = yield None
    except BaseException as error:
        seen.append(type(error).__name__)
        raise
    response["X-Note"] = "after"
    yield partial(seen.append, "first")
    yield partial(seen.append, "second")
    return None


def view(request: HttpRequest) -> HttpResponse:
    if request.path == "/broken":
        raise KeyboardInterrupt
    return HttpResponse("view")


async def awaited_view(request: HttpRequest) -> HttpResponse:
    return view(request)


async def answer(of: Callable[[HttpRequest], Any], path: str) -> HttpResponse:
    response = noting(of)(RequestFactory().get(path))
    return response if isinstance(response, HttpResponse) else await response


@pytest.mark.parametrize("of", [view, awaited_view])
async def test_what_comes_before_and_after_the_answer(of: Any) -> None:
    response = await answer(of, "/")

    assert (response.content, response["X-Note"]) == (b"view", "after")
    assert seen == ["before", "first", "second"]


@pytest.mark.parametrize("of", [view, awaited_view])
async def test_it_may_answer_itself(of: Any) -> None:
    assert (await answer(of, "/early")).content == b"early"
    assert seen == []


@pytest.mark.parametrize("of", [view, awaited_view])
async def test_it_learns_when_there_is_no_answer(of: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        await answer(of, "/broken")

    assert seen == ["before", "KeyboardInterrupt"]
