"""The answers of OpenAI's API as its OpenAPI document describes them.

Only described: answers are written without these, as checking each would slow it down.
"""

from typing import Literal

from ninja import Schema
from pydantic import Field

FinishReason = Literal["stop", "length", "tool_calls"]


class PromptTokens(Schema):
    cached_tokens: int = Field(description="Those that had not to be evaluated.")
    audio_tokens: int


class CompletionTokens(Schema):
    reasoning_tokens: int
    audio_tokens: int
    accepted_prediction_tokens: int
    rejected_prediction_tokens: int


class Usage(Schema):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokens
    completion_tokens_details: CompletionTokens


class Candidate(Schema):
    token: str = Field(examples=["Hello"])
    logprob: float = Field(examples=[-0.25])
    bytes: list[int] = Field(description="Of the token; its text may be half a character.")


class Token(Candidate):
    top_logprobs: list[Candidate]


class Logprobs(Schema):
    content: list[Token]
    refusal: None


class Called(Schema):
    name: str = Field(examples=["weather"])
    arguments: str = Field(description="A JSON text.", examples=['{"city":"Paris"}'])


class Call(Schema):
    id: str
    type: Literal["function"]
    function: Called


class Message(Schema):
    role: Literal["assistant"]
    content: str | None = Field(examples=["Hello!"])
    refusal: None
    reasoning_content: str = Field("", description="What it thought; left out if nothing.")
    tool_calls: list[Call] = Field([], description="Left out where there are none.")


class Choice(Schema):
    index: int
    message: Message
    logprobs: Logprobs | None
    finish_reason: FinishReason


class Completion(Schema):
    created: int = Field(description="Seconds since 1970.")
    model: str
    system_fingerprint: str = Field(description="Another one: the same seed may not do the same.")
    usage: Usage


class ChatCompletion(Completion):
    id: str = Field(examples=["chatcmpl-1b4e28ba2fa14ad28ab7f2c2b3f3b6c5"])
    object: Literal["chat.completion"]
    choices: list[Choice]
    service_tier: Literal["default"]


class TextLogprobs(Schema):
    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: list[int] = Field(description="Where each token begins, in characters.")


class TextChoice(Schema):
    text: str = Field(examples=[", there was"])
    index: int
    logprobs: TextLogprobs | None
    finish_reason: FinishReason


class TextCompletion(Completion):
    id: str = Field(examples=["cmpl-1b4e28ba2fa14ad28ab7f2c2b3f3b6c5"])
    object: Literal["text_completion"]
    choices: list[TextChoice]


class Model(Schema):
    id: str = Field(examples=["parley-demo"])
    object: Literal["model"]
    created: int = Field(description="Seconds since 1970.")
    owned_by: str
    input_modalities: list[Literal["text", "image"]] = Field(description="What it can read.")


class Models(Schema):
    object: Literal["list"]
    data: list[Model]
