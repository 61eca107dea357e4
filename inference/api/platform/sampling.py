"""How an answer is drawn, by the names that the platform's own API has for it."""

from collections.abc import Mapping
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

NAMES = {
    "max_new_tokens": "max_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "repetition_penalty": "repeat_penalty",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "seed": "seed",
    "stop": "stop",
}
"""And those that inference.parameters has."""


def told(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored by the names of inference.parameters, by those of this API."""
    return {name: parameters[known] for name, known in NAMES.items() if known in parameters}


class Sampling(Schema):
    """What is left out follows the model's settings."""

    model_config = ConfigDict(strict=True, extra="forbid")

    max_new_tokens: int | None = Field(
        None, ge=1, le=2**31 - 1, description="The most tokens to generate.", examples=[128]
    )
    temperature: float | None = Field(
        None, ge=0, le=5, description="0 takes the likeliest token each time.", examples=[0.7]
    )
    top_p: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Only the likeliest tokens that have this much probability together.",
        examples=[0.95],
    )
    top_k: int | None = Field(
        None, ge=0, le=1_000_000, description="Only so many of the likeliest; 0: all."
    )
    min_p: float | None = Field(
        None, ge=0, le=1, description="Only those at least so likely as this part of the likeliest."
    )
    repetition_penalty: float | None = Field(
        None,
        ge=0.1,
        le=5,
        description="Above 1, tokens that were there already become less likely.",
        examples=[1.0],
    )
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    seed: int | None = Field(
        None, ge=-(2**63), le=2**63 - 1, description="The same seed gives the same text."
    )
    stop: str | list[str] | None = Field(
        None, description="Texts before which the answer ends; at most 16.", examples=["\n\n"]
    )

    @property
    def parameters(self) -> dict[str, Any]:
        """By the names of inference.parameters."""
        return {known: getattr(self, name) for name, known in NAMES.items()}


def unset() -> Sampling:
    return Sampling.model_validate({})
