"""OpenAI's own client, of the running platform."""

import openai

from tests.platform import Platform

DEMO, SLOW = "parley-demo", "slow"
GREETING: list[openai.types.chat.ChatCompletionMessageParam] = [
    {"role": "user", "content": "Hello"}
]


def client_of(platform: Platform) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{platform.url}/v1", api_key=platform.api_key, max_retries=0, timeout=60
    )
