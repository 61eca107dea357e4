"""What a run's answer must follow, and how the calls in it are written."""

import json
from typing import Any

from inference.engine.backend import Vocabulary
from inference.engine.rules import Rules
from inference.models import Generation
from inference.tools.format import Format
from inference.tools.rules import rules as rules_of_calls
from inference.tools.rules import rules_of_answer


def format_of(generation: Generation, vocabulary: Vocabulary) -> Format | None:
    """How calls in its answer are to be read; None: it has none."""
    tools = generation.tools
    return vocabulary.format if tools and tools["choice"] != "none" else None


def has_channels(generation: Generation, vocabulary: Vocabulary) -> bool:
    """Whether its answer is in channels, of which not all is for the reader."""
    return generation.kind == Generation.Kind.CHAT and vocabulary.format.has_channels


def rules_of(generation: Generation, vocabulary: Vocabulary) -> Rules | None:
    """What its answer must follow, if anything. Raises GrammarError."""
    parameters: dict[str, Any] = generation.parameters
    if grammar := parameters.get("grammar"):
        return Rules("gbnf", grammar)
    schema = parameters.get("json_schema")
    if format := format_of(generation, vocabulary):
        return rules_of_calls(format, generation.tools, vocabulary.control, schema)
    if schema is None:
        return None
    if has_channels(generation, vocabulary):
        return rules_of_answer(vocabulary.format, schema, vocabulary.control)
    return Rules("json_schema", json.dumps(schema))
