"""POST /v1/completions: texts gone on with, as OpenAI's older API tells them."""

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from inference.api import fields, runs, serving
from inference.api.documentation import errors, stream
from inference.api.field_schemas import PROMPT
from inference.api.fields import renamed
from inference.api.openai import objects
from inference.api.openai.request import CompletionRequest
from inference.api.openai.text_answers import TextChunks, TextCompletion
from inference.ask import Ask
from inference.models import AIModel, Generation
from inference.vocabularies import vocabulary_of

EXAMPLE = """\
data: {"id":"cmpl-1b4e","object":"text_completion","choices":[{"index":0,"text":" upon",…}],…}

data: [DONE]

"""

router = Router(tags=["completions"], auth=requires("chat"))

MOST_TOKENS_UNASKED = 16
"""As OpenAI has it."""
LARGEST_TOKEN = 2**31 - 1

Prompt = str | list[int]


class TextRequest(CompletionRequest):
    prompt: Any = Field(None, json_schema_extra=PROMPT, examples=["Once upon a time"])
    """A text or a list of tokens, or a list of either. None: something new."""
    logprobs: int | None = Field(None, ge=0, le=5)
    best_of: int | None = None
    echo: bool | None = None
    suffix: str | None = None


@router.post(
    "/completions",
    response={200: objects.TextCompletion, **errors(404, 500)},
    summary="Continue texts",
    openapi_extra=stream("The completion, or its stream.", EXAMPLE),
)
async def create_completion(request: AuthenticatedRequest, body: TextRequest) -> HttpResponseBase:
    _refuse_unsupported(body)
    prompts = _prompts(body.prompt)
    if len(prompts) * body.choices > settings.MAX_WAITING_PER_USER:
        message = _("At most %(most)s texts can be asked for at once.")
        raise fields.invalid("prompt", message % {"most": settings.MAX_WAITING_PER_USER})
    before = await _echoed(request, body, prompts)
    with renamed(serving.PARAMS):
        generations = await runs.start(request, *(_order(body, prompt) for prompt in prompts))
        async with serving.stopped_if_unread(generations):
            if body.stream:
                told = TextChunks(generations, before, body.includes_usage)
                return await serving.stream(generations, told)
            return await serving.whole(generations, TextCompletion(generations, before))


def _refuse_unsupported(request: TextRequest) -> None:
    request.refuse_unsupported()
    if request.best_of not in (None, request.choices):
        message = _("best_of can't be more than n: all answers are given.")
        raise fields.unsupported("best_of", message)
    if request.suffix:
        raise fields.unsupported("suffix", _("A text can't be filled in before a suffix here."))
    if request.echo and request.logprobs is not None:
        message = _("The log-probabilities of a prompt are not known; leave echo or them out.")
        raise fields.unsupported("echo", message)


def _order(request: TextRequest, prompt: Prompt) -> runs.Order:
    """The alternatives of a token are counted without the token itself."""
    likely = {"logprobs": request.logprobs is not None, "top_logprobs": request.logprobs}
    most = MOST_TOKENS_UNASKED if request.max_tokens is None else request.max_tokens
    return runs.Order(
        request.model,
        Ask(text=prompt, kind=Generation.Kind.TEXT),
        request.sampling | likely | {"max_tokens": most},
        request.choices,
    )


def _prompts(prompt: Any) -> list[Prompt]:
    """Raises Problem for what is neither a text nor a list of tokens, nor a list of those."""
    match prompt:
        case None:
            return [""]
        case str():
            return [prompt]
        case [int(), *_rest]:
            return [_tokens(prompt, "prompt")]
        case [_first, *_rest]:
            return [_prompt(item, f"prompt[{at}]") for at, item in enumerate(prompt)]
    raise fields.invalid("prompt", _("The prompt must be a text or a list of tokens."))


def _prompt(prompt: Any, where: str) -> Prompt:
    return prompt if isinstance(prompt, str) else _tokens(prompt, where)


def _tokens(prompt: Any, where: str) -> list[int]:
    if not isinstance(prompt, list) or not prompt:
        raise fields.invalid(where, _("A prompt must be a text or a list of tokens."))
    if not all(type(token) is int and 0 <= token <= LARGEST_TOKEN for token in prompt):
        raise fields.invalid(where, _("Tokens are whole numbers from 0 on."))
    return prompt


@sync_to_async
def _echoed(request: AuthenticatedRequest, body: TextRequest, prompts: list[Prompt]) -> list[str]:
    """What goes before each of the texts."""
    if not body.echo:
        return [""] * (len(prompts) * body.choices)
    model = runs.usable_model(request, body.model)
    texts = [prompt if isinstance(prompt, str) else _text(model, prompt) for prompt in prompts]
    return [text for text in texts for _choice in range(body.choices)]


def _text(model: AIModel, tokens: list[int]) -> str:
    """Raises Problem or NoVocabulary."""
    vocabulary = vocabulary_of(model)
    if max(tokens) >= vocabulary.size:
        message = _("The model's tokens end at %(last)s.") % {"last": vocabulary.size - 1}
        raise fields.invalid("prompt", message)
    return b"".join(map(vocabulary.piece, tokens)).decode("utf-8", "replace")
