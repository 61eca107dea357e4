"""Runs that are submitted as programs do it, and how a worker ends them."""

from typing import Any

from accounts.models import User
from inference import lifecycle
from inference.ask import Ask
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation

Status, Reason, Source = Generation.Status, Generation.Reason, Generation.Source
CHAT = [{"role": "user", "content": "hi"}]
LONG = [{"role": "user", "content": "x" * 400}]  # 100 tokens by the estimate
DONE = Outcome(Status.DONE, Reason.STOP, text="hello", prompt_tokens=100, completion_tokens=20)


def submit(user: User, model: AIModel, **parameters: Any) -> Generation:
    return lifecycle.submit(user, model, Ask(CHAT), parameters, Source.API)
