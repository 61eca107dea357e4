from dataclasses import dataclass
from uuid import UUID

from inference.token_log import logprobs
from inference.token_log.logprobs import TokenLogprob


@dataclass(frozen=True)
class Started:
    """A worker has taken the run, for the first time or after another was lost."""

    id: str


@dataclass(frozen=True)
class Tokens:
    """Newly generated tokens. `text` may be empty while a character is incomplete."""

    id: str
    ids: tuple[int, ...]
    text: str
    logprobs: tuple[TokenLogprob, ...] = ()
    """Of each token, if they were asked for. Its text may come in a later event, or never."""


@dataclass(frozen=True)
class Ended:
    """Always the last; the run's row is final by then. Values as of Generation's fields."""

    id: str
    status: str
    reason: str
    error: str = ""


Event = Started | Tokens | Ended


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
        case Started():
            return {"kind": "started"}
        case Tokens(ids=ids, text=text):
            fields = {"kind": "tokens", "ids": " ".join(map(str, ids)), "text": text}
            if event.logprobs:
                fields["logprobs"] = logprobs.encode(event.logprobs)
            return fields
        case Ended(status=status, reason=reason, error=error):
            return {"kind": "ended", "status": status, "reason": reason, "error": error}


def decode(id: str, fields: dict[str, str]) -> Event:
    match fields["kind"]:
        case "started":
            return Started(id)
        case "tokens":
            ids = tuple(map(int, fields["ids"].split()))
            known = logprobs.decode(fields.get("logprobs", "[]"))
            return Tokens(id, ids, fields["text"], known)
        case _:
            return Ended(id, fields["status"], fields["reason"], fields["error"])
