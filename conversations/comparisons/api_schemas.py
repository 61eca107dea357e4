"""Comparisons as the API shows them. As long as the names are hidden, nothing tells the models
apart."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, field_validator

from conversations.api_schemas import CURSOR
from conversations.comparisons.actions import FEWEST, MOST
from conversations.comparisons.board import Board, Standing
from conversations.forms import LONGEST_MESSAGE
from conversations.models import ComparedAnswer, Comparison
from conversations.parameters.forms import LONGEST_INSTRUCTIONS
from inference.api.platform.sampling import Sampling, told


class NewComparison(Sampling):
    model_ids: list[str] = Field(
        min_length=FEWEST,
        max_length=MOST,
        description="As GET /models names them; each once.",
        examples=[["parley-demo", "parley-demo-mini"]],
    )
    prompt: str = Field(
        min_length=1, max_length=LONGEST_MESSAGE, examples=["What is the capital of France?"]
    )
    instructions: str = Field(
        "", max_length=LONGEST_INSTRUCTIONS, description="What all are told before all else."
    )
    is_blind: bool = Field(
        False, description="Which model gave which answer is not told before the vote."
    )

    @field_validator("model_ids")
    @classmethod
    def _each_once(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError("each model must be named once")
        return names


class ComparedAnswerOut(Schema):
    id: int
    position: int = Field(description="From the left, from 0.")
    model: str | None = Field(description="null while it is hidden.", examples=["parley-demo"])
    status: str = Field(description="queued, streaming, done, stopped or failed", examples=["done"])
    content: str = Field(description="Empty until the answer has ended.", examples=["Paris."])
    tokens: int | None = Field(description="Those generated; null while hidden.", examples=[2])
    generation_time: float | None = Field(
        description="Seconds of work, without the wait; null while hidden.", examples=[0.4]
    )
    conversation_id: UUID | None = Field(description="The one that carries on with it.")

    @staticmethod
    def resolve_model(answer: ComparedAnswer) -> str | None:
        return answer.model_name if answer.comparison.shows_names else None

    @staticmethod
    def resolve_tokens(answer: ComparedAnswer) -> int | None:
        shown = answer.comparison.shows_names and answer.generation
        return shown.completion_tokens if shown else None

    @staticmethod
    def resolve_generation_time(answer: ComparedAnswer) -> float | None:
        shown = answer.comparison.shows_names and answer.generation
        return shown.seconds if shown else None


class ComparisonOut(Schema):
    id: UUID
    prompt: str
    instructions: str
    parameters: dict[str, Any] = Field(description="With the seed, which is the same for all.")
    is_blind: bool
    verdict: Literal["", "winner", "tie", "none"] = Field(description="Empty before the vote.")
    winner_id: int | None = Field(description="The best answer, if there is one.")
    voted_at: datetime | None
    created_at: datetime
    answers: list[ComparedAnswerOut]

    @staticmethod
    def resolve_parameters(comparison: Comparison) -> dict[str, Any]:
        return told(comparison.parameters)

    @staticmethod
    def resolve_answers(comparison: Comparison) -> list[ComparedAnswer]:
        return list(comparison.answers.all())


class ComparisonPage(Schema):
    comparisons: list[ComparisonOut]
    next_cursor: str | None = Field(description=CURSOR)


class Vote(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    verdict: Literal["winner", "tie", "none"]
    winner_id: int | None = Field(
        None, description="The id of the best answer, for the verdict winner."
    )


class CarriedOn(Schema):
    conversation_id: UUID


class Wanted(Schema):
    only_mine: bool = Field(False, description="One's own votes instead of everybody's.")
    only_blind: bool = Field(False, description="Only votes given before the names were shown.")


class StandingOut(Schema):
    model: str
    win_rate: float = Field(
        description="The chance to be preferred to another model, on average, from 0 to 1."
    )
    low: float | None = Field(
        description="The 95 % interval; null as long as there are too few votes for one."
    )
    high: float | None
    votes: int

    @staticmethod
    def resolve_win_rate(standing: Standing) -> float:
        return round(standing.rate, 4)

    @staticmethod
    def resolve_low(standing: Standing) -> float | None:
        return round(standing.low, 4) if standing.has_interval else None

    @staticmethod
    def resolve_high(standing: Standing) -> float | None:
        return round(standing.high, 4) if standing.has_interval else None


class BoardOut(Schema):
    votes: int
    standings: list[StandingOut] = Field(description="The best first.")

    @staticmethod
    def resolve_standings(board: Board) -> list[Standing]:
        return list(board.standings)
