"""What a run is when it begins to wait."""

import pytest

from accounts.models import User
from inference import lifecycle
from inference.ask import Ask
from inference.models import AIModel, Generation
from inference.parameters import ParameterError
from tests.inference.submitting import CHAT, LONG, Source, Status, submit

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_submitted_run_waits_with_all_its_parameters(alice: User, model: AIModel) -> None:
    model.parameters = {"temperature": 0.3, "top_p": 0.5}
    run = submit(alice, model, temperature=0)

    assert run.status == Status.QUEUED
    assert run.parameters["temperature"] == 0
    assert run.parameters["top_p"] == 0.5
    assert run.parameters["repeat_penalty"] == 1.1
    assert isinstance(run.parameters["seed"], int)


def test_a_bad_parameter_is_refused_by_name(alice: User, model: AIModel) -> None:
    with pytest.raises(ParameterError, match="temperature") as refused:
        submit(alice, model, temperature=9)

    assert refused.value.name == "temperature"
    assert not Generation.objects.exists()


def test_the_estimate_is_never_more_than_the_context(alice: User, model: AIModel) -> None:
    model.context_window = 64

    assert lifecycle.submit(alice, model, Ask(LONG), {}, Source.API).prompt_tokens == 64


def test_a_models_system_prompt_goes_first_and_is_public(alice: User, model: AIModel) -> None:
    model.system_prompt = "Be brief."

    run = submit(alice, model)

    assert run.messages == [{"role": "system", "content": "Be brief."}, *CHAT]
    assert run.public_messages == 1


@pytest.mark.parametrize(("own", "public"), [("Be brief.", 1), ("Be verbose.", 0)])
def test_a_requests_own_system_prompt_is_public_only_if_it_is_the_models(
    own: str, public: int, alice: User, model: AIModel
) -> None:
    model.system_prompt = "Be brief."
    messages = [{"role": "system", "content": own}, *CHAT]

    run = lifecycle.submit(alice, model, Ask(messages), {}, Source.API)

    assert (run.messages, run.public_messages) == (messages, public)


def test_without_a_system_prompt_nothing_is_public(alice: User, model: AIModel) -> None:
    messages = [{"role": "system", "content": ""}, *CHAT]

    assert lifecycle.submit(alice, model, Ask(messages), {}, Source.API).public_messages == 0
    assert submit(alice, model).messages == CHAT
