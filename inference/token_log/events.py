from dataclasses import dataclass
from uuid import UUID


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
            return {"kind": "tokens", "ids": " ".join(map(str, ids)), "text": text}
        case Ended(status=status, reason=reason, error=error):
            return {"kind": "ended", "status": status, "reason": reason, "error": error}


def decode(id: str, fields: dict[str, str]) -> Event:
    match fields["kind"]:
        case "started":
            return Started(id)
        case "tokens":
            return Tokens(id, tuple(map(int, fields["ids"].split())), fields["text"])
        case _:
            return Ended(id, fields["status"], fields["reason"], fields["error"])
