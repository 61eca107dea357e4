"""Requests that schemathesis makes up from the OpenAPI documents, right ones and wrong ones: no
answer is a failure of the server, none is other than the document says, and what the document does
not allow is refused.

The same requests are made each time.
"""

from itertools import count
from typing import Any
from zlib import crc32

import requests
import schemathesis
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks as openapi

from compat.platform import KEY, MODEL, URL

HEADERS = {"Authorization": f"Bearer {KEY}"}
CHECKS = [
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
    openapi.response_headers_conformance,
    openapi.negative_data_rejection,
    openapi.ignored_auth,
    openapi.unsupported_method,
]
EXAMPLES = 6
"""Of an operation, besides those of the document and the limits of each field."""
MOST_EVENTS = 20
"""So much of a stream is read."""
REFUSALS = [400, 401, 403, 404, 405, 409, 411, 413, 429, 503]
CONFIG = {
    "generation": {
        "max-examples": EXAMPLES,
        "deterministic": True,
        "database": "none",
        "with-security-parameters": False,  # all would be refused for their keys
    },
    "checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}},
    "max-stream-events": MOST_EVENTS,
    "request-timeout": 30,
}
LIMITS = {"max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens"}
FEW_TOKENS = 4


def existing() -> dict[str, Any]:
    """What there is to name in a path, made before the requests are."""
    with requests.Session() as session:
        session.headers.update(HEADERS)
        at = f"{URL}/api/v1"
        [own] = session.get(f"{at}/keys").json()["keys"]
        made = session.post(f"{at}/keys", json={"name": "schemathesis"}).json()
        talk = session.post(f"{at}/conversations", json={}).json()
        messages = f"{at}/conversations/{talk['id']}/messages"
        said = session.post(messages, json={"content": "Hello"}).json()
    return {
        "own_key": own["id"],
        "key_id": made["id"],
        "conversation_id": talk["id"],
        "message_id": said["answer"]["id"],
        "id": MODEL,
        "name": MODEL,
        "model": MODEL,
        "model_id": MODEL,
    }


THERE = existing()
numbers = count()


def load(path: str) -> Any:
    config = SchemathesisConfig.from_dict(CONFIG)
    return schemathesis.openapi.from_url(f"{URL}{path}", config=config)


OPENAI = load("/v1/openapi.json")
ANTHROPIC = load("/v1/messages/openapi.json")
PLATFORM = load("/api/v1/openapi.json").exclude(
    path="/api/v1/chat/stream/{client_id}"  # it goes on until its client goes
)


@OPENAI.parametrize()
def test_openai(case: Case) -> None:
    check(case)


@ANTHROPIC.parametrize()
def test_anthropic(case: Case) -> None:
    check(case)


@PLATFORM.parametrize()
def test_platform(case: Case) -> None:
    check(case)


def check(case: Case) -> None:
    case.path_parameters = in_paths(case.path_parameters)
    case.body = in_bodies(case.body)
    name_anew(case.headers)
    case.call_and_validate(headers=HEADERS, checks=CHECKS)


def in_paths(parameters: Any) -> Any:
    """None names the key that all of this is asked with, which would be the end if it was
    revoked."""
    if parameters and parameters.get("key_id") == THERE["own_key"]:
        return {"key_id": THERE["key_id"]}
    return with_what_is_there(parameters)


def in_bodies(body: Any) -> Any:
    """Answers may be short."""
    if not isinstance(body, dict):
        return body
    lowered = {name: FEW_TOKENS for name in LIMITS & set(body) if is_above(body[name], FEW_TOKENS)}
    return with_what_is_there(body) | lowered


def name_anew(headers: Any) -> None:
    """One valid Idempotency-Key for several requests would have all but the first refused."""
    given = (headers or {}).get("Idempotency-Key")
    if isinstance(given, str) and 0 < len(given) < 200 and given.isascii() and given.isprintable():
        headers["Idempotency-Key"] = f"{given} {next(numbers)}"


def with_what_is_there(named: Any) -> Any:
    """Half of what could name something does."""
    if not named or crc32(repr(named).encode()) % 2:
        return named
    return {
        name: THERE[name] if name in THERE and isinstance(value, (str, int)) else value
        for name, value in named.items()
    }


def is_above(value: Any, limit: int) -> bool:
    """And valid."""
    return type(value) is int and limit < value < 2**31
