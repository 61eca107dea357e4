from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import User
from conversations.comparisons import actions
from conversations.models import ComparedAnswer, Comparison
from inference import lifecycle, queue
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation

Ask = Callable[..., Comparison]


@pytest.fixture
def models(model: AIModel) -> list[AIModel]:
    """Four, with names that would be noticed anywhere."""
    names = ["aardvark", "bumblebee", "chinchilla", "dromedary"]
    return [
        AIModel.objects.create(
            name=name,
            display_name=name.title(),
            provider=model.provider,
            path=f"{name}.gguf",
            slots=1,
        )
        for name in names
    ]


@pytest.fixture
def ask(alice: User, models: list[AIModel]) -> Ask:
    def ask(
        count: int = 2, user: User = alice, is_blind: bool = False, **parameters: object
    ) -> Comparison:
        return actions.compare(
            user, models[:count], "What is a fox?", "", parameters, is_blind=is_blind
        )

    return ask


def claimed(answer: ComparedAnswer) -> Generation:
    """A worker has taken its run."""
    run = queue.claim(answer.model_id, "worker")  # type: ignore[arg-type]
    assert run and run.compared.pk == answer.pk
    return run


def answered(answer: ComparedAnswer, text: str) -> None:
    run = claimed(answer)
    done = Outcome(
        Generation.Status.DONE,
        Generation.Reason.STOP,
        text=text,
        prompt_tokens=10,
        completion_tokens=777,
        first_token_at=timezone.now(),
    )
    assert lifecycle.finish(run.pk, run.attempt, done)


def failed(answer: ComparedAnswer, error: str) -> None:
    run = claimed(answer)
    assert lifecycle.finish(run.pk, run.attempt, Outcome.failed(error))


def answers(comparison: Comparison) -> list[ComparedAnswer]:
    return actions.answers_of(Comparison.objects.select_related("user").get(pk=comparison.pk))


def finished(comparison: Comparison) -> Comparison:
    """All have answered."""
    for answer in answers(comparison):
        answered(answer, f"Answer {answer.letter}.")
    return comparison
