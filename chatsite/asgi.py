import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup(set_prefix=False)  # loads the apps, which the imports below need

from twisted.internet import reactor  # noqa: E402

from chatsite.handlers import Handlers  # noqa: E402
from chatsite.threads import LentThreads  # noqa: E402
from conversations import sweeping  # noqa: E402
from conversations.routing import websocket_urlpatterns  # noqa: E402
from inference.api.sse import closed_at_end  # noqa: E402

http = LentThreads(closed_at_end(Handlers()))

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        ),
    }
)

# The reactor only runs where daphne serves, not where this module is merely imported.
reactor.callWhenRunning(sweeping.begin)
