"""What pages of other sites may send to the API, and read of its answers."""

from corsheaders.defaults import default_headers

_STAINLESS = (
    "arch async custom-poll-interval helper helper-method lang os package-version poll-helper"
    " read-timeout retry-count runtime runtime-version timeout"
)
"""What the clients of OpenAI and Anthropic tell about themselves."""

SENT = [
    *default_headers,
    "anthropic-beta",
    "anthropic-dangerous-direct-browser-access",
    "anthropic-version",
    "idempotency-key",
    "openai-organization",
    "openai-project",
    "x-api-key",
    *(f"x-stainless-{what}" for what in _STAINLESS.split()),
]

READ = [
    "idempotency-replayed",
    "request-id",
    "retry-after",
    "x-request-id",
    *(
        f"x-ratelimit-{what}-{kind}"
        for kind in ("requests", "tokens")
        for what in ("limit", "remaining", "reset")
    ),
]
