"""The REST API, composed of the routers that live in each app.

`/v1/` is OpenAI's API, so that its clients work unchanged, with Anthropic's below `/v1/messages`;
`/api/v1/` is the platform's own.
"""

from typing import Any

from ninja import Router, Schema

from accounts.api import router as keys
from accounts.authentication import api_authentication
from conversations import api as conversations
from conversations import api_chat, api_files
from conversations.comparisons import api as comparisons
from conversations.drafts import api as drafts
from conversations.inspection import api as inspection
from conversations.messages import api as messages_of_conversations
from conversations.messages import api_feedback
from conversations.organising import api_tags
from conversations.parameters import api as parameters
from conversations.projects import api as projects
from conversations.projects import api_members as project_members
from conversations.prompts import api as prompts
from conversations.search import api as search
from conversations.sharing import api as sharing
from inference.api import catalogue
from inference.api.anthropic import endpoints as anthropic
from inference.api.anthropic.errors import anthropic_shape
from inference.api.body import StrictParser
from inference.api.documentation import AnthropicError, DocumentedAPI, Error, OpenAIError
from inference.api.errors import Shape, install, openai_shape, platform_shape
from inference.api.idempotency import idempotent
from inference.api.openai import chat, completions, embeddings
from inference.api.platform import (
    client_streams,
    compare,
    generate,
    jobs,
    me,
    queue,
    tokens,
    usage,
)
from inference.api.responses import endpoints as responses


def _api(error: type[Schema], shape: Shape, *routers: Router, **options: Any) -> DocumentedAPI:
    api = DocumentedAPI(
        error=error,
        shape=shape,
        auth=api_authentication,
        parser=StrictParser(),
        docs_url=None,
        **options,
    )
    for router in routers:
        api.add_router("", router)
    install(api, shape)
    api.add_decorator(idempotent)
    return api


v1 = _api(
    OpenAIError,
    openai_shape,
    catalogue.openai,
    chat.router,
    completions.router,
    responses.router,
    embeddings.router,
    title="OpenAI's API",
    urls_namespace="openai",
)
messages = _api(
    AnthropicError,
    anthropic_shape,
    anthropic.router,
    title="Anthropic's Messages API",
    urls_namespace="anthropic",
    openapi_url="/messages/openapi.json",
)
platform = _api(
    Error,
    platform_shape,
    catalogue.platform,
    generate.router,
    tokens.router,
    compare.router,
    client_streams.router,
    api_chat.router,
    conversations.router,
    api_tags.router,
    messages_of_conversations.router,
    api_feedback.router,
    inspection.router,
    api_files.router,
    search.router,
    drafts.router,
    sharing.router,
    parameters.router,
    comparisons.router,
    projects.router,
    project_members.router,
    prompts.router,
    queue.router,
    jobs.router,
    keys,
    me.router,
    usage.router,
    title="Parley's own API",
    urls_namespace="platform",
)
