"""How a model's vocabulary reads a text. It needs no worker, and none of the model's weights."""

from codecs import getincrementaldecoder
from collections.abc import Iterable
from typing import Any

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from accounts.authentication import AuthenticatedRequest, requires
from inference.api.catalogue import name_of_model
from inference.api.documentation import errors
from inference.api.platform.generate import LONGEST_PROMPT
from inference.api.runs import usable_model
from inference.vocabularies import vocabulary_of

router = Router(tags=["generate"], auth=requires("chat"))


class TokenizeRequest(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    model_id: str | None = Field(
        None,
        description="As GET /models names it; without it, the default model.",
        examples=["parley-demo"],
    )
    prompt: str = Field(max_length=LONGEST_PROMPT, examples=["Hello world"])


class Tokens(Schema):
    token_ids: list[int] = Field(examples=[[15496, 995]])
    tokens: list[str] = Field(
        description="Their texts. A character of several tokens is in the last of them.",
        examples=[["Hello", " world"]],
    )
    count: int = Field(examples=[2])


@router.post("/tokenize", response={200: Tokens, **errors(404)}, summary="Tokenize a text")
def tokenize(request: AuthenticatedRequest, body: TokenizeRequest) -> dict[str, Any]:
    """The tokens that the model would read for this text, as it is, without its chat template;
    with a start token, without text, where the model has one."""
    model = usable_model(request, name_of_model(request, body.model_id))
    vocabulary = vocabulary_of(model)
    ids = vocabulary.tokenize(body.prompt)
    pieces = {id: vocabulary.piece(id) for id in set(ids)}  # most of a long text's come again
    tokens = texts(map(pieces.__getitem__, ids))
    return {"token_ids": ids, "tokens": tokens, "count": len(ids)}


def texts(pieces: Iterable[bytes]) -> list[str]:
    """Together they are the text of all the pieces, in which a character may be split."""
    decode = getincrementaldecoder("utf-8")("replace").decode
    return [decode(piece) for piece in pieces]
