"""What the bench asks of Parley's database, in a process of its own with the platform's settings.

    python -m bench.inside keys EMAIL…      users of these addresses; a key of each
    python -m bench.inside model JSON       the model's fields become these
    python -m bench.inside runs MESSAGE…    the runs that wrote these messages
    python -m bench.inside account          of each run, the tokens in its usage and in its log
    python -m bench.inside talk EMAIL N     a conversation of N messages: its address

The answer is JSON.
"""

import json
import sys
from typing import Any

import django

django.setup()

from accounts.models import APIKey, User  # noqa: E402
from conversations.models import Conversation, Message  # noqa: E402
from inference.models import AIModel, UsageLog  # noqa: E402
from inference.token_log import TokenLog  # noqa: E402

SAID = "Some words of a conversation.\n\n- one thing\n- another\n\n" * 4


def keys(*emails: str) -> list[str]:
    users = [User.objects.create_user(email) for email in emails]
    return [APIKey.objects.issue(user, "bench", None)[1] for user in users]


def model(fields: str) -> None:
    AIModel.objects.filter(is_default=True).update(**json.loads(fields))


def runs(*messages: str) -> list[str]:
    found = Message.objects.in_bulk([int(id) for id in messages])
    return [str(found[int(id)].generation_id) for id in messages]


def account() -> list[tuple[int, int]]:
    log = TokenLog.default()
    usage = UsageLog.objects.exclude(generation=None).values_list("generation_id", "output_tokens")
    return [(tokens, len(log.tokens(run))) for run, tokens in usage]


def talk(email: str, messages: str) -> str:
    user = User.objects.get(email=email)
    made = Conversation.objects.create(user=user, title=f"{messages} messages")
    parent = None
    for number in range(int(messages)):
        role = Message.Role.ASSISTANT if number % 2 else Message.Role.USER
        parent = made.messages.create(role=role, content=SAID, parent=parent, author=user)
    made.leaf = parent
    made.save()
    return made.get_absolute_url()


COMMANDS: dict[str, Any] = {
    "keys": keys,
    "model": model,
    "runs": runs,
    "account": account,
    "talk": talk,
}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
