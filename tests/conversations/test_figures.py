"""The line below an answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversations.figures import figures
from inference.models import Generation

ASKED = datetime(2025, 1, 1, tzinfo=UTC)


def run(**fields: Any) -> Generation:
    defaults = {
        "status": "done",
        "reason": "stop",
        "completion_tokens": 1201,
        "created_at": ASKED,
        "started_at": ASKED + timedelta(seconds=2),
        "first_token_at": ASKED + timedelta(seconds=2.25),
        "finished_at": ASKED + timedelta(seconds=12.29),
    }
    return Generation(**defaults | fields)


def test_a_finished_answer() -> None:
    assert figures(run()) == ["1,201 tokens", "10.3 s", "119.5 tokens/s", "first token 2.25 s"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "stopped", "reason": "cancelled"}, "Stopped"),
        ({"status": "stopped", "reason": "deadline"}, "Stopped, as it took too long"),
        ({"reason": "length"}, "Cut at the longest answer allowed"),
    ],
)
def test_how_it_ended(fields: dict[str, str], words: str) -> None:
    assert figures(run(**fields))[0] == words


def test_one_token_has_no_speed() -> None:
    assert figures(run(completion_tokens=1))[0] == "1 token"
    assert "tokens/s" not in " ".join(figures(run(completion_tokens=1)))


def test_what_was_reused_of_its_prompt() -> None:
    shown = figures(run(prompt_tokens=1430, cached_tokens=1412))

    assert shown[-1] == "prompt 98 % reused"


def test_one_that_never_began_has_no_figures() -> None:
    never = {"started_at": None, "first_token_at": None, "completion_tokens": 0}

    assert figures(run(status="failed", reason="error", **never)) == []
