"""What can't be done, and what is not valid, for programs."""

from collections.abc import Iterator
from contextlib import contextmanager

from conversations.refusals import Refused
from inference.api.errors import Problem


@contextmanager
def conflicts() -> Iterator[None]:
    """A refusal within is a Problem with status 409."""
    try:
        yield
    except Refused as refusal:
        raise Problem(409, "conflict", str(refusal)) from None


def invalid(field: str, sentence: str) -> Problem:
    """Named as the request has it, whatever the form that checks it calls it."""
    return Problem(400, "invalid_value", f"{field}: {sentence}", param=field)
