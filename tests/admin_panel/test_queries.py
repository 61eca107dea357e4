"""A list of many rows asks the database as often as a list of few."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import APIKey, User
from conversations.models import Conversation
from inference.models import AIModel, AIProvider, AIType, Generation
from tests.admin_panel.test_access import LISTS


@pytest.fixture
def add(model: AIModel, run: Callable[..., Generation]) -> Callable[[int], None]:
    def make(number: int) -> None:
        user = User.objects.create_user(f"user{number}@example.org")
        provider = AIProvider.objects.create(name=f"Provider {number}")
        kind = AIType.objects.create(name=f"Type {number}")
        AIModel.objects.create(
            name=f"model-{number}", provider=provider, model_type=kind, path="m.gguf"
        )
        APIKey.objects.issue(user, "Notebook")
        conversation = Conversation.objects.create(user=user, title="Tea", model=model)
        conversation.messages.create(role="user", content="Hello")
        project = user.projects.create(name="Tea", model=model)
        project.members.create(user=User.objects.create_user(f"member{number}@example.org"))
        comparison = user.comparisons.create(prompt="Tea")
        comparison.answers.create(position=0, model=model, model_name="demo", content="Tea")
        user.prompts.create(name="Tea", prompt="Tea", visibility="public")
        run(user=user)

    return make


@pytest.mark.parametrize("page", LISTS)
def test_more_rows_take_no_more_queries(
    admin: Client, add: Callable[[int], None], page: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin.get(page).status_code == 200
        return len(captured)

    add(0)
    queries()  # fills the cache of content types
    few = queries()
    for number in range(1, 6):
        add(number)

    assert queries() == few
    assert few <= 14


def test_a_page_of_a_run_reads_neither_prompt_nor_title(
    admin: Client, add: Callable[[int], None]
) -> None:
    add(0)
    generation = Generation.objects.get()
    with CaptureQueriesContext(connection) as captured:
        admin.get("/admin/conversations/conversation/")
        admin.get("/admin/inference/generation/")
        admin.get(f"/admin/inference/generation/{generation.pk}/change/")
        admin.get(f"/admin/inference/usagelog/{generation.usage.pk}/change/")

    read = " ".join(query["sql"] for query in captured if query["sql"].startswith("SELECT"))
    assert '"title"' not in read
    assert '"inference_generation"."messages"' not in read
