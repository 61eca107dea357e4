"""What workers write of failures, in English, and how pages tell it."""

import pytest
from django.utils import translation

from inference import failures


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            failures.NOT_LOADED % {"model": "Fox (small)", "reason": "No such file.\nx"},
            "Das Modell Fox (small) konnte nicht geladen werden. No such file.\nx",
        ),
        (
            failures.UNKNOWN_TOKEN % {"token": 99, "last": 50},
            "Der Prompt enthält das Token 99, aber die Tokens des Modells enden bei 50.",
        ),
        ("The model failed while it answered.", "Das Modell hat beim Antworten versagt."),
        ("Line 3 of it is 100 %(s too long.", "Line 3 of it is 100 %(s too long."),
        ("", ""),
    ],
)
def test_a_known_sentence_is_translated_with_its_values(error: str, told: str) -> None:
    with translation.override("de"):
        assert failures.translated(error) == told
    with translation.override("en"):
        assert failures.translated(error) == error
