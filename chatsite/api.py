"""The REST API, composed of the routers that live in each app.

`/v1/` is OpenAI's API, so that its clients work unchanged, with Anthropic's below `/v1/messages`;
`/api/v1/` is the platform's own.
"""

from accounts.api import router as keys
from accounts.authentication import api_authentication
from conversations import api as conversations
from conversations import api_chat, api_files, api_messages
from inference.api import (
    anthropic,
    catalogue,
    chat,
    client_streams,
    compare,
    completions,
    embeddings,
    generate,
    jobs,
    queue,
    responses,
    tokens,
    usage,
)
from inference.api.anthropic_errors import anthropic_shape
from inference.api.body import StrictParser
from inference.api.documentation import AnthropicError, DocumentedAPI, Error, OpenAIError
from inference.api.errors import install, openai_shape, platform_shape
from inference.api.idempotency import idempotent

v1 = DocumentedAPI(
    error=OpenAIError,
    shape=openai_shape,
    title="OpenAI's API",
    urls_namespace="openai",
    auth=api_authentication,
    parser=StrictParser(),
    docs_url=None,
)
v1.add_router("", catalogue.openai)
v1.add_router("", chat.router)
v1.add_router("", completions.router)
v1.add_router("", responses.router)
v1.add_router("", embeddings.router)
install(v1, openai_shape)

messages = DocumentedAPI(
    error=AnthropicError,
    shape=anthropic_shape,
    title="Anthropic's Messages API",
    urls_namespace="anthropic",
    auth=api_authentication,
    parser=StrictParser(),
    openapi_url="/messages/openapi.json",
    docs_url=None,
)
messages.add_router("", anthropic.router)
install(messages, anthropic_shape)

platform = DocumentedAPI(
    error=Error,
    shape=platform_shape,
    title="Parley's own API",
    urls_namespace="platform",
    auth=api_authentication,
    parser=StrictParser(),
    docs_url=None,
)
platform.add_router("", catalogue.platform)
platform.add_router("", generate.router)
platform.add_router("", tokens.router)
platform.add_router("", compare.router)
platform.add_router("", client_streams.router)
platform.add_router("", api_chat.router)
platform.add_router("", conversations.router)
platform.add_router("", api_messages.router)
platform.add_router("", api_files.router)
platform.add_router("", queue.router)
platform.add_router("", jobs.router)
platform.add_router("", keys)
platform.add_router("", usage.router)
install(platform, platform_shape)

for api in (v1, messages, platform):
    api.add_decorator(idempotent)
