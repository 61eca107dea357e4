"""The REST API, composed of the routers that live in each app.

`/v1/` is OpenAI's API, so that its clients work unchanged; `/api/v1/` is the platform's own.
"""

from ninja import NinjaAPI

from accounts.authentication import api_authentication
from conversations.api import router as conversations
from inference.api import catalogue, chat, queue
from inference.api.body import StrictParser
from inference.api.errors import install, openai_shape, platform_shape

v1 = NinjaAPI(
    title="Parley: OpenAI's API",
    urls_namespace="openai",
    auth=api_authentication,
    parser=StrictParser(),
    openapi_url=None,
    docs_url=None,
)
v1.add_router("", catalogue.openai)
v1.add_router("", chat.router)
install(v1, openai_shape)

platform = NinjaAPI(
    title="Parley",
    urls_namespace="platform",
    auth=api_authentication,
    parser=StrictParser(),
    docs_url=None,
)
platform.add_router("", catalogue.platform)
platform.add_router("", conversations)
platform.add_router("", queue.router)
install(platform, platform_shape)
