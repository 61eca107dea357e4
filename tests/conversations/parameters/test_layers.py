"""What an answer is drawn by, and where each value comes from."""

import pytest

from accounts.models import User
from conversations.layers import below, in_effect
from conversations.models import Conversation, Project
from inference.models import AIModel
from tests.conversations.builders import asked, run_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(alice: User) -> Project:
    return Project.objects.create(user=alice, name="Foxes", parameters={"top_k": 7, "top_p": 0.5})


@pytest.fixture
def layered(alice: User, model: AIModel, project: Project) -> Conversation:
    model.parameters = {"temperature": 0.1, "top_k": 3, "min_p": 0.2}
    model.max_tokens = 99
    model.save()
    parameters = {"top_p": 0.6, "seed": 5}
    return Conversation.objects.create(
        user=alice, title="Foxes", project=project, parameters=parameters
    )


def test_each_value_tells_where_it_comes_from(layered: Conversation, model: AIModel) -> None:
    found = in_effect(below(model, conversation=layered))

    told = {name: (setting.value, setting.source) for name, setting in found.items()}
    assert told["repeat_penalty"][1] == "default"
    assert told["temperature"] == (0.1, "model")
    assert told["max_tokens"] == (99, "model")
    assert told["top_k"] == (7, "project")
    assert told["top_p"] == (0.6, "conversation")
    assert found["top_p"].origin == "from the conversation"


def test_a_new_conversation_of_a_project_inherits_from_it(model: AIModel, project: Project) -> None:
    assert in_effect(below(model, project))["top_k"].source == "project"
    assert in_effect(below(model))["top_k"].source == "default"


def test_a_run_is_drawn_by_what_is_in_effect(
    alice: User, layered: Conversation, model: AIModel
) -> None:
    run = run_of(asked(alice, model, "What is a fox?", layered))

    told = {name: setting.value for name, setting in in_effect(below(model, None, layered)).items()}
    assert run.parameters == told
