"""Idempotency-Key: a program that got no answer asks again, and is told what it would have been.

A POST with this header is kept for a day with its answer: the same caller's same key with the same
request gets that answer again, and nothing is done twice. Only answers that something came of are
kept; after an error, the same key tries anew. A stream is never played back: there the header only
keeps two from being begun at the same moment.

What is kept is encrypted with the server's secret and the caller's key together, of which Redis
has neither, as answers are private and one of them shows a new API key.
"""

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial, wraps
from hashlib import sha256
from typing import Any
from uuid import uuid4

import redis
from asgiref.sync import iscoroutinefunction, sync_to_async
from cryptography.fernet import Fernet
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.authentication import AuthenticatedRequest
from accounts.ciphers import cipher
from accounts.middlewares import Course, middleware
from accounts.problem import Problem
from accounts.shared_redis import shared_redis

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
KEPT_SECONDS = 24 * 3600
ANSWERED_WITHIN = 3600
"""Seconds, after which a request that was never answered, as its process died, is forgotten."""
LARGEST_ANSWER = 256 * 1024
"""In bytes as kept, compressed and encrypted; a larger one is not kept."""
MOST_OF_USER = 16 * 1024 * 1024
"""In bytes; beyond it, the oldest of a user's answers go."""
RETRY_SECONDS = 1

KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
local moment = redis.call('TIME')
local now = moment[1] + moment[2] / 1000000
redis.call('ZADD', KEYS[2], now, #ARGV[2] .. ' ' .. KEYS[1])
local total = redis.call('INCRBY', KEYS[3], #ARGV[2])
local function drop(entry)
    local size, place = string.match(entry, '^(%d+) (.+)$')
    redis.call('ZREM', KEYS[2], entry)
    total = redis.call('DECRBY', KEYS[3], size)
    return place
end
for _, entry in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[3])) do
    drop(entry)
end
while total > tonumber(ARGV[4]) do
    redis.call('DEL', drop(redis.call('ZRANGE', KEYS[2], 0, 0)[1]))
end
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('EXPIRE', KEYS[3], ARGV[3])
"""
"""Puts an answer in the place that its request holds, if it still does; and drops from the user's
list, which is by age, what has expired and what is too much."""

RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


@dataclass(frozen=True)
class Attempt:
    """A request that is being answered for the first time."""

    user_id: int
    place: str
    request: str
    """What was asked, hashed."""
    id: str
    cipher: Fernet

    @property
    def mark(self) -> str:
        """What is in its place until the answer is."""
        return json.dumps({"request": self.request, "attempt": self.id})


def idempotent(view: Callable[..., Any]) -> Callable[..., Any]:
    """For NinjaAPI.add_decorator, so that the caller is known and may do this when it begins."""
    if iscoroutinefunction(view):

        @wraps(view)
        async def answer(request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> Any:
            if is_meant(request) and (known := await sync_to_async(_begin)(request)):
                return known
            return await view(request, *args, **kwargs)

        return answer

    @wraps(view)
    def answer_at_once(request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> Any:
        if is_meant(request) and (known := _begin(request)):
            return known
        return view(request, *args, **kwargs)

    return answer_at_once


@middleware
def keep_answers(request: HttpRequest) -> Course:
    """Keeps the answers to the requests that `idempotent` has let begin."""
    with _released_if_cancelled(request):
        response = yield None
    if attempt := _attempt(request):
        yield partial(_end, attempt, response)
    return None


@contextmanager
def _released_if_cancelled(request: HttpRequest) -> Iterator[None]:
    """When the client has gone away. Nothing can be awaited any more then."""
    try:
        yield
    except BaseException:
        if attempt := _attempt(request):
            _release(attempt)
        raise


def is_meant(request: HttpRequest) -> bool:
    return request.method == "POST" and HEADER in request.headers


def _attempt(request: HttpRequest) -> Attempt | None:
    return getattr(request, "attempt", None)


def _begin(request: AuthenticatedRequest) -> HttpResponse | None:
    """The answer to the same request, if there was one. Raises Problem if it is another one, or
    is being answered right now; and redis.RedisError, as nothing could be promised then."""
    attempt = _attempt_of(request)
    while not shared_redis().set(attempt.place, attempt.mark, nx=True, ex=ANSWERED_WITHIN):
        if kept := shared_redis().get(attempt.place):
            return _known_answer(attempt, json.loads(str(kept)))
    request.attempt = attempt  # type: ignore[attr-defined]
    return None


def _attempt_of(request: AuthenticatedRequest) -> Attempt:
    key = request.headers[HEADER]
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        message = _("An Idempotency-Key must have 1 to %(most)d printable ASCII characters.")
        raise Problem(400, "invalid_value", message % {"most": LONGEST_KEY}, param=HEADER)
    caller = f"key {request.api_key.pk}" if request.api_key else f"user {request.auth.pk}"
    return Attempt(
        user_id=request.auth.pk,
        place=f"parley:idempotency:{sha256(f'{caller} {key}'.encode()).hexdigest()}",
        request=_hash_of(request),
        id=uuid4().hex,
        cipher=cipher(caller, key),
    )


def _hash_of(request: HttpRequest) -> str:
    asked = sha256(f"{request.get_full_path()}\n".encode())
    try:
        asked.update(request.body)
    except RawPostDataException:  # it has been taken apart already
        for part in _parts_of(request):
            asked.update(part)
    return asked.hexdigest()


def _parts_of(request: HttpRequest) -> Iterator[bytes]:
    """The fields and files of an upload, without the boundary between them: each time that it is
    sent it has another one."""
    yield repr(sorted(request.POST.lists())).encode()
    for field, files in sorted(request.FILES.lists()):
        for file in files:
            yield repr((field, file.name, file.size)).encode()
            yield from file.chunks()
            file.seek(0)


def _known_answer(attempt: Attempt, kept: dict[str, str]) -> HttpResponse:
    if kept["request"] != attempt.request:
        message = _("This Idempotency-Key was used for another request.")
        raise Problem(400, "idempotency_key_reused", message, param=HEADER)
    if "answer" not in kept:
        message = _("The first request with this Idempotency-Key is still being answered.")
        raise Problem(
            409, "idempotency_key_in_use", message, param=HEADER, retry_after=RETRY_SECONDS
        )
    answer = json.loads(zlib.decompress(attempt.cipher.decrypt(kept["answer"])))
    return HttpResponse(
        answer["body"],
        status=answer["status"],
        content_type=answer["type"],
        headers={"Idempotency-Replayed": "true"},
    )


def _end(attempt: Attempt, response: HttpResponseBase) -> None:
    if isinstance(response, HttpResponse) and 200 <= response.status_code < 300:
        kept = _kept(attempt, response)
        if len(kept) <= LARGEST_ANSWER:
            _keep(attempt, kept)
            return
    _release(attempt)


def _kept(attempt: Attempt, response: HttpResponse) -> str:
    answer = {
        "status": response.status_code,
        "type": response["Content-Type"],
        "body": response.content.decode(),
    }
    secret = attempt.cipher.encrypt(zlib.compress(json.dumps(answer).encode()))
    return json.dumps({"request": attempt.request, "answer": secret.decode()})


def _keep(attempt: Attempt, kept: str) -> None:
    of_user = f"parley:idempotency:of:{attempt.user_id}"
    with suppress(redis.RedisError):  # the answer is good all the same
        _script(KEEP)(
            keys=[attempt.place, of_user, f"{of_user}:bytes"],
            args=[attempt.mark, kept, KEPT_SECONDS, MOST_OF_USER],
        )


def _release(attempt: Attempt) -> None:
    with suppress(redis.RedisError):  # then it is forgotten after ANSWERED_WITHIN
        _script(RELEASE)(keys=[attempt.place], args=[attempt.mark])


@cache
def _script(text: str) -> Any:
    return shared_redis().register_script(text)
