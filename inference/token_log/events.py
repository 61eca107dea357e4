import base64
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from inference.token_log import logprobs
from inference.token_log.logprobs import TokenLogprob


@dataclass(frozen=True)
class Started:
    """A worker has taken the run, for the first time or after another was lost."""

    id: str
    tools: dict[str, Any] | None = None
    """How the calls in its text are to be read, see inference.tools.format; None: it has none."""


@dataclass(frozen=True)
class Tokens:
    """Newly generated tokens. `text` may be empty while a character is incomplete."""

    id: str
    ids: tuple[int, ...]
    text: str
    logprobs: tuple[TokenLogprob, ...] = ()
    """Of each token, if they were asked for. Its text may come in a later event, or never."""
    stop: str = ""
    """The stop string that these tokens complete; they are the last then."""
    thought: str = ""
    """What the model thinks before it answers, which is no part of the answer."""
    thinking_seconds: float | None = None
    """From the run's first token to the end of its thoughts; told once, when they have ended."""


@dataclass(frozen=True)
class Embedded:
    """The vectors of all texts of an embedding."""

    id: str
    size: int
    """Components of each vector."""
    vectors: bytes
    """One after the other, in 32-bit floating-point numbers, little-endian."""


@dataclass(frozen=True)
class Ended:
    """Always the last; the run's row is final by then. Values as of Generation's fields."""

    id: str
    status: str
    reason: str
    error: str = ""


Event = Started | Tokens | Embedded | Ended


def event_id(attempt: int, number: int) -> str:
    """`number` counts the tokens generated up to the event, those of earlier attempts too."""
    return f"{attempt}-{number}"


def place(id: str) -> tuple[int, int]:
    """An event's id in a form that sorts; "0" stands before all events."""
    attempt, _, number = id.partition("-")
    return int(attempt), int(number or 0)


def key(generation_id: UUID) -> str:
    return f"parley:log:{generation_id}"


def encode(event: Event) -> dict[str, str]:
    match event:
        case Started(tools=tools):
            return {"kind": "started"} | ({"tools": json.dumps(tools)} if tools else {})
        case Tokens(ids=ids, text=text, stop=stop):
            fields = {"kind": "tokens", "ids": " ".join(map(str, ids)), "text": text}
            if event.logprobs:
                fields["logprobs"] = logprobs.encode(event.logprobs)
            more = {"stop": stop, "thought": event.thought}
            if event.thinking_seconds is not None:
                more["thinking_seconds"] = str(event.thinking_seconds)
            return fields | {name: said for name, said in more.items() if said}
        case Embedded(size=size, vectors=vectors):
            written = base64.b64encode(vectors).decode()
            return {"kind": "embedded", "size": str(size), "vectors": written}
        case Ended(status=status, reason=reason, error=error):
            return {"kind": "ended", "status": status, "reason": reason, "error": error}


def decode(id: str, fields: dict[str, str]) -> Event:
    match fields["kind"]:
        case "started":
            return Started(id, json.loads(fields.get("tools", "null")))
        case "tokens":
            ids = tuple(map(int, fields["ids"].split()))
            known = logprobs.decode(fields.get("logprobs", "[]"))
            stop, thought = fields.get("stop", ""), fields.get("thought", "")
            seconds = fields.get("thinking_seconds")
            return Tokens(
                id, ids, fields["text"], known, stop, thought, float(seconds) if seconds else None
            )
        case "embedded":
            return Embedded(id, int(fields["size"]), base64.b64decode(fields["vectors"]))
        case _:
            return Ended(id, fields["status"], fields["reason"], fields["error"])
